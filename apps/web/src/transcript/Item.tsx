import type { TranscriptItem } from '@gastown/protocol';
import { FAILURE_CODES } from '@gastown/protocol';
import { Check, ChevronRight, Circle, CircleDot } from 'lucide-react';
import { memo } from 'react';
import { count, exactly, money, tokensOf } from '../format.ts';
import { useSelect } from '../replica/hooks.ts';
import { cx } from '../ui/cx.ts';
import { Markdown } from './LazyMarkdown.tsx';
import { partsOfNotice } from './parts-of-notice.ts';
import { SubAgentCard } from './SubAgentCard.tsx';
import { isSubAgent, type ToolItem } from './sub-agents.ts';
import { ToolCard } from './ToolCard.tsx';
import { Unbroken } from './Unbroken.tsx';

interface ItemProps {
  item: TranscriptItem;
  /** A call of which nobody knows how it ended. */
  cut?: boolean;
  /** Of a sub-agent. */
  calls?: readonly ToolItem[] | undefined;
}
const NO_CALLS: readonly ToolItem[] = [];

/** One settled item. Its object never changes between writes, so a settled block renders once. */
export const Item = memo(function Item({ item, cut = false, calls = NO_CALLS }: ItemProps) {
  switch (item.kind) {
    case 'user':
      return <Said text={item.text} source={item.source} at={item.at} />;
    case 'assistant':
      return <Markdown text={item.text} />;
    case 'thought':
      return <Thought text={item.text} />;
    case 'tool':
      return (
        <Unbroken text={`${item.tool}: ${item.state}, and cannot be shown`}>
          {isSubAgent(item) ? <SubAgentCard item={item} calls={calls} cut={cut} /> : <ToolCard item={item} cut={cut} />}
        </Unbroken>
      );
    case 'plan':
      return <Plan entries={item.entries} />;
    case 'notice':
      return <NoticeLine code={item.code} text={item.text} />;
    case 'turn_end':
      return (
        <p className="flex items-center gap-2 text-xs text-faint">
          <span className="h-px flex-1 bg-line" />
          {item.stopReason !== 'end_turn' && <span>{item.stopReason.replace(/_/g, ' ')}</span>}
          {item.usage && (
            <span title={`${item.usage.inputTokens} in · ${item.usage.outputTokens} out · ${item.usage.cacheReadTokens} cached`}>
              {count(tokensOf(item.usage))} tokens{item.usage.costMicros > 0 && ` · ${money(item.usage.costMicros)}`}
            </span>
          )}
          <time dateTime={new Date(item.at).toISOString()} title={exactly(item.at)}>
            {new Date(item.at).toTimeString().slice(0, 5)}
          </time>
        </p>
      );
  }
});

/** Sources of a message that are no person and no agent. */
export const MACHINES = new Set(['town', 'runner']);
/** What a person said stands to the right; what the town or another agent put in stands as a quiet quotation. */
export function Said({ text, source, at, state }: { text: string; source: string; at: number; state?: string }) {
  const agent = useSelect(['agents'], (replica) => [...replica.rows('agents').values()].some((row) => row.identity === source), [source]);
  const person = !agent && !MACHINES.has(source);
  if (!person) {
    return (
      <details className="group rounded-lg bg-sunken px-3 py-2 text-sm text-muted">
        <summary className="flex items-center gap-2">
          <ChevronRight size={13} className="text-faint transition-transform duration-100 group-open:rotate-90" />
          <span className="shrink-0 font-medium">From {source}</span>
          <span className="min-w-0 flex-1 truncate group-open:hidden">{text}</span>
        </summary>
        <p className="mt-2 whitespace-pre-wrap [overflow-wrap:anywhere]">{text}</p>
      </details>
    );
  }
  return (
    <div className="flex flex-col items-end gap-1" title={exactly(at)}>
      <p className="max-w-[85%] rounded-2xl rounded-br-md bg-active px-3.5 py-2 text-base whitespace-pre-wrap [overflow-wrap:anywhere]">
        <span className="sr-only">You: </span>
        {text}
      </p>
      {state && <span className="text-xs text-faint">{state}</span>}
    </div>
  );
}

export function Thought({ text, live = false }: { text: string; live?: boolean }) {
  return (
    <details className="group text-sm text-muted" open={live || undefined}>
      <summary className="flex items-center gap-1.5 text-faint hover:text-muted">
        <ChevronRight size={13} className="transition-transform duration-100 group-open:rotate-90" />
        {live ? 'Thinking' : 'Thought'}
      </summary>
      <p className="mt-1 border-l border-line-strong pl-3 whitespace-pre-wrap">{text}</p>
    </details>
  );
}

function Plan({ entries }: { entries: Extract<TranscriptItem, { kind: 'plan' }>['entries'] }) {
  return (
    <ol aria-label="Plan" className="flex flex-col gap-1 rounded-lg border border-line px-3 py-2 text-sm">
      {entries.map((entry, index) => {
        const Icon = entry.state === 'completed' ? Check : entry.state === 'in_progress' ? CircleDot : Circle;
        return (
          <li key={index} className={cx('flex items-start gap-2', entry.state === 'completed' && 'text-muted')}>
            <Icon size={14} className="mt-[3px] shrink-0 text-muted" aria-label={entry.state.replace('_', ' ')} />
            {entry.text}
          </li>
        );
      })}
    </ol>
  );
}

const FAILURES: ReadonlySet<string> = new Set(FAILURE_CODES);
function NoticeLine({ code, text }: { code: string; text: string }) {
  const failed = FAILURES.has(code);
  const { said, figures } = partsOfNotice(text);
  return (
    <p className={cx('flex items-center gap-3 text-xs', failed ? 'text-failed' : 'text-faint')}>
      <span className="h-px w-4 bg-line-strong" aria-hidden />
      <span title={figures ?? undefined}>{said || code.replace(/_/g, ' ')}</span>
      {failed && <code>{code}</code>}
      <span className="h-px flex-1 bg-line" aria-hidden />
    </p>
  );
}
