import type { AgentRow, NudgeRow, TranscriptItem } from '@gastown/protocol';
import { ArrowDown } from 'lucide-react';
import { useEffect, useLayoutEffect, useMemo, useRef, type ReactNode } from 'react';
import { useStickToBottom, type StickToBottomInstance } from 'use-stick-to-bottom';
import { figuresOf } from '@gastown/protocol/needs';
import { useRow, useSelect, useTown } from '../replica/hooks.ts';
import { agentSign } from '../signal.ts';
import { Busy } from '../ui/Button.tsx';
import { Loading } from '../ui/States.tsx';
import { Glyph } from '../ui/Sign.tsx';
import { StepText } from '../views/StepText.tsx';
import { useWaiting } from '../views/WhyNot.tsx';
import { cutOff } from './cut-off.ts';
import { cutShort } from './ended.ts';
import { heldWords } from './held.ts';
import { Item, MACHINES, Said, Thought } from './Item.tsx';
import { Markdown } from './LazyMarkdown.tsx';
import type { Transcript } from './merge.ts';
import { isSubAgent, linesOf } from './sub-agents.ts';
import { wakingWords } from './waking.ts';
import { useTranscript } from './use-transcript.ts';

/** The one transcript of the app: the Mayor's chat and every agent's page. */
export function TranscriptView({ town, agent, empty }: { town: string; agent: AgentRow; empty?: ReactNode }) {
  const { transcript, problem, loadingOlder, older } = useTranscript(town, agent.id);
  const stick = useStickToBottom({ initial: 'instant', resize: 'instant' });
  const { scrollRef, contentRef, isAtBottom, scrollToBottom } = stick;
  const waiting = useSelect(
    ['nudges'],
    (replica) =>
      [...replica.rows('nudges').values()].filter(
        (nudge) => nudge.agentId === agent.id && (nudge.state === 'pending' || nudge.state === 'sent'),
      ),
    [agent.id],
  ).filter((nudge) => !transcript.items.some(({ item }) => item.id === nudge.id));
  const townRow = useTown();
  const held = useSelect(['town', 'limits', 'agents'], (replica) => heldWords(agent, townRow, (ref) => figuresOf(replica, ref)), [
    agent,
    townRow,
  ]);
  const items = transcript.items;
  const lines = useMemo(() => linesOf(items), [items]);
  const cut = useSelect(
    ['runs'],
    (replica) =>
      cutOff(
        items.map(({ item }) => item),
        replica.rows('runs'),
      ),
    [items],
  );
  useOlderOnTop(scrollRef, transcript, older);
  useBottomKept(stick, transcript.loaded, waiting.at(-1));
  if (!transcript.loaded && !problem && waiting.length === 0)
    return (
      <div className="min-h-0 flex-1">
        <Loading what="transcript" />
      </div>
    );
  const bare = transcript.items.length === 0 && transcript.live.length === 0 && waiting.length === 0;
  return (
    <div className="relative min-h-0 flex-1">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <div
        ref={scrollRef}
        tabIndex={0}
        role="log"
        aria-label={`Transcript of ${agent.name}`}
        className="h-full overflow-y-auto [overflow-anchor:none] focus-visible:-outline-offset-2"
      >
        <div ref={contentRef} className="mx-auto flex max-w-3xl flex-col gap-4 px-4 py-5 sm:px-5">
          {loadingOlder && (
            <output className="flex items-center justify-center gap-2 text-xs text-faint">
              <Busy />
              Loading older
            </output>
          )}
          {transcript.more && !loadingOlder && (
            <button type="button" onClick={() => void older()} className="self-center text-xs text-faint hover:text-fg">
              Load older
            </button>
          )}
          {problem === 'unreadable' && (
            <p role="alert" className="text-sm text-failed">
              The transcript cannot be read. Reload the page.
            </p>
          )}
          {bare && problem === 'offline' && <Bare>The transcript cannot be reached; the page keeps trying.</Bare>}
          {bare && problem === null && (empty ?? <Bare>Nothing said yet.</Bare>)}
          {lines.items.map(({ item }) => (
            <div key={item.id} className="lazy-row">
              <Item item={item} cut={cut.has(item.id)} calls={lines.calls.get(item.id)} />
            </div>
          ))}
          {transcript.live.map((text) =>
            text.kind === 'thought' ? (
              <Thought key={text.id} text={text.text} live />
            ) : (
              <div key={text.id} aria-busy="true">
                <Markdown live text={text.base > 0 ? `… ${text.text}` : text.text} />
              </div>
            ),
          )}
          <CutShort agent={agent} transcript={transcript} />
          {waiting.map((nudge) => (
            <Said
              key={nudge.id}
              text={nudge.text}
              source={nudge.source}
              at={nudge.createdAt}
              state={nudge.state === 'pending' ? (held ?? 'waits for its turn') : 'delivered'}
            />
          ))}
          <Thinking
            agent={agent}
            transcript={transcript}
            waiting={waiting.length > 0 && held === null}
            waking={wakingWords(townRow)}
            cut={cut}
          />
        </div>
      </div>
      {!isAtBottom && (
        <button
          type="button"
          onClick={() => void scrollToBottom('instant')}
          className="fade absolute bottom-3 left-1/2 inline-flex h-8 -translate-x-1/2 items-center gap-1.5 rounded-full border border-line-strong bg-raised px-3 text-xs shadow-pop"
        >
          <ArrowDown size={13} />
          Newest
        </button>
      )}
    </div>
  );
}

const Bare = ({ children }: { children: ReactNode }) => <p className="py-10 text-center text-sm text-muted">{children}</p>;

/** Whoever reads the newest goes on reading it when the box changes its height; whoever says something sees it. */
function useBottomKept({ scrollRef, scrollToBottom, state }: StickToBottomInstance, loaded: boolean, newest: NudgeRow | undefined): void {
  useEffect(() => {
    const box = scrollRef.current;
    if (!box) return;
    const observer = new ResizeObserver(() => {
      if (state.isAtBottom) void scrollToBottom('instant');
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, [scrollRef, scrollToBottom, state, loaded]);
  const said = newest && !MACHINES.has(newest.source) ? newest.id : null;
  useEffect(() => {
    if (said !== null) void scrollToBottom('instant');
  }, [said, scrollToBottom]);
}

/** Why the last turn ended before it was done. */
function CutShort({ agent, transcript }: { agent: AgentRow; transcript: Transcript }) {
  const items = transcript.items;
  const cut = useSelect(
    ['runs', 'beads'],
    (replica) =>
      cutShort(
        agent,
        replica.rows('runs').values(),
        items.map(({ item }) => item),
        replica.rows('beads'),
      ),
    [agent, items],
  );
  if (!cut) return null;
  return (
    <output className="rounded-lg bg-sunken px-3 py-2 text-sm text-muted">
      The session ended. {cut.why} <StepText>{cut.next}</StepText>
    </output>
  );
}

/** Between two outputs the agent is thinking or starting: say so, in one quiet line. */
interface Quiet {
  readonly agent: AgentRow;
  readonly transcript: Transcript;
  readonly waiting: boolean;
  readonly waking: string | null;
  readonly cut: ReadonlySet<string>;
}
function Thinking({ agent, transcript, waiting, waking, cut }: Quiet) {
  const sign = agentSign(agent);
  const bead = useRow('beads', agent.beadId);
  const slow = useWaiting(bead?.wait?.code === 'worktree_preparing' ? bead : undefined);
  const last = transcript.items.at(-1)?.item;
  const runs = (item: TranscriptItem) => item.kind === 'tool' && item.state === 'running' && !cut.has(item.id);
  const busy =
    transcript.live.length > 0 || (last !== undefined && runs(last)) || transcript.items.some(({ item }) => isSubAgent(item) && runs(item));
  if (busy || agent.status === 'away' || (sign.signal !== 'working' && !waiting)) return null;
  const starting = agent.status === 'starting' || sign.signal !== 'working';
  return (
    <output className="flex items-center gap-2 text-sm text-muted">
      <Glyph sign={{ signal: 'working', word: 'Working' }} />
      {starting ? (waking ?? slow?.sentence ?? `${agent.name} is starting`) : `${agent.name} is thinking`}
    </output>
  );
}

/** Reaching the top loads the page before it, and keeps the reader where they were. */
function useOlderOnTop(scroll: React.RefObject<HTMLElement | null>, transcript: Transcript, older: () => Promise<void>): void {
  const first = transcript.items[0]?.item.id;
  const height = useRef<{ first: string | undefined; from: number }>({ first: undefined, from: 0 });
  useEffect(() => {
    const box = scroll.current;
    if (!box) return;
    const near = () => {
      height.current.from = box.scrollHeight - box.scrollTop;
      if (box.scrollTop < 200 && box.scrollHeight > box.clientHeight) void older();
    };
    box.addEventListener('scroll', near, { passive: true });
    return () => box.removeEventListener('scroll', near);
  }, [scroll, older, transcript.loaded]);
  useLayoutEffect(() => {
    const box = scroll.current;
    if (box && height.current.first && first && height.current.first !== first)
      box.scrollTo({ top: box.scrollHeight - height.current.from });
    height.current.first = first;
  }, [first, scroll]);
}
