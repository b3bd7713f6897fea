import type { AgentRow } from '@gastown/protocol';
import { Hand, Pause, Play, RotateCcw } from 'lucide-react';
import { Suspense, lazy, useEffect, useState } from 'react';
import { INTERRUPTED, noteIn } from '../commands/done.ts';
import { useCommand } from '../commands/use-command.ts';
import { money, tokens } from '../format.ts';
import { useRow, useSelect } from '../replica/hooks.ts';
import { agentSign } from '../signal.ts';
import { useTownId } from '../shell/town-id.ts';
import { Composer } from '../transcript/Composer.tsx';
import { TranscriptView } from '../transcript/TranscriptView.tsx';
import { At, Dash, Facts } from '../ui/Bits.tsx';
import { Button } from '../ui/Button.tsx';
import { SignWord } from '../ui/Sign.tsx';
import { Loading } from '../ui/States.tsx';
import { cx } from '../ui/cx.ts';
import { Asks } from './AskCard.tsx';
import { BeadLink, RigLink } from './parts.tsx';
import { WorksOn } from './WorksOn.tsx';
import { MailList } from './MailList.tsx';
import { RunLine } from './RunLine.tsx';
import { RunnerAway } from './RunnerAway.tsx';
import { useAgentTab } from './use-tab.ts';
import { WriteMail } from './WriteMail.tsx';

export function AgentView({ id, page }: { id: string; page: boolean }) {
  const agent = useRow('agents', id);
  const run = useRow('runs', agent?.runId);
  const [view, setView] = useAgentTab(page);
  const tab: Tab = view === 'live' ? 'terminal' : view;
  if (!agent) return null;
  const width = page && cx('mx-auto w-full', tab === 'terminal' ? 'max-w-6xl' : 'max-w-3xl');
  return (
    <article className="flex h-full min-h-0 flex-col">
      <header className={cx('flex shrink-0 flex-col gap-3 border-b border-line p-4 pb-0 sm:px-5', width)}>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="text-lg font-semibold">{agent.name}</h1>
          <SignWord sign={agentSign(agent)} className="text-sm" />
          <span className="flex-1" />
          <Controls agent={agent} />
        </div>
        {agent.paused && (
          <p className="rounded-lg bg-sunken px-3 py-1.5 text-sm text-muted">
            Paused:{' '}
            {agent.role === 'mayor' ? 'it opens no session, and what you tell it waits.' : 'it gets no new bead; what it works on goes on.'}
          </p>
        )}
        {run && <RunnerAway run={run} />}
        <Asks of={{ agentId: agent.id }} />
        {agent.statusLine && <p className="text-sm text-muted">{agent.statusLine}</p>}
        <Facts
          facts={[
            ['On the hook', agent.beadId ? <BeadLink id={agent.beadId} /> : <Dash />],
            [
              'Role',
              <>
                {agent.role}
                {agent.rigId && (
                  <>
                    {' '}
                    in <RigLink id={agent.rigId} />
                  </>
                )}
              </>,
            ],
            [
              'Used',
              <>
                {tokens(agent.usage)} · {money(agent.usage.costMicros)}
              </>,
            ],
            run ? ['Works', <WorksOn key="w" run={run} />] : null,
            ['Last active', agent.lastActivityAt ? <At at={agent.lastActivityAt} /> : <Dash />],
          ]}
        />
        <div role="tablist" aria-label="Agent" className="flex gap-4 text-sm">
          {(['transcript', 'terminal', 'work', 'mail'] as const).map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              aria-selected={tab === name}
              onClick={() => tab !== name && setView(name)}
              className="-mb-px h-8 border-b-2 border-transparent text-muted hover:text-fg aria-selected:border-fg aria-selected:text-fg"
            >
              {TABS[name]}
            </button>
          ))}
        </div>
      </header>
      <div className={cx('flex min-h-0 flex-1 flex-col', width)}>
        {tab === 'transcript' && <Watching agent={agent} onMail={() => setView('mail')} />}
        {tab === 'terminal' && (
          <Suspense fallback={<Loading what="terminal" />}>
            <TerminalPanel
              key={agent.id}
              agent={agent}
              chosen={view === 'live' ? 'live' : 'shell'}
              onKind={(kind) => setView(kind === 'live' ? 'live' : 'terminal')}
            />
          </Suspense>
        )}
        {tab === 'work' && <History id={id} />}
        {tab === 'mail' && <Letters agent={agent} />}
      </div>
    </article>
  );
}

const TABS = { transcript: 'Transcript', terminal: 'Terminal', work: 'Work history', mail: 'Mail' } as const;
type Tab = keyof typeof TABS;
/** It brings a whole terminal with it, which most looks at an agent do without. */
const TerminalPanel = lazy(() => import('../terminal/TerminalPanel.tsx').then((module) => ({ default: module.TerminalPanel })));

function Letters({ agent }: { agent: AgentRow }) {
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-2 toast-room overflow-y-auto px-4 pt-3 sm:px-5">
      <WriteMail agent={agent} />
      <MailList agentId={agent.id} empty="No messages to or from it." />
    </div>
  );
}

function Controls({ agent }: { agent: AgentRow }) {
  const interrupt = useCommand();
  const reset = useCommand();
  const pause = useCommand();
  const working = agentSign(agent).signal === 'working';
  return (
    <div className="flex gap-1.5">
      {working && (
        <Button
          small
          pending={interrupt.pending}
          icon={<Hand size={13} />}
          onClick={() => void interrupt.run({ kind: 'agent.interrupt', agentId: agent.id }, INTERRUPTED)}
        >
          Interrupt
        </Button>
      )}
      <Button
        small
        kind={agent.paused ? 'plain' : 'quiet'}
        pending={pause.pending}
        icon={agent.paused ? <Play size={13} /> : <Pause size={13} />}
        title={agent.paused ? undefined : 'It gets nothing new; what it does goes on'}
        onClick={() =>
          agent.paused
            ? void pause.run({ kind: 'agent.resume', agentId: agent.id }, `${agent.name} goes on`)
            : void pause.run({ kind: 'agent.pause', agentId: agent.id }, `${agent.name} is paused`)
        }
      >
        {agent.paused ? 'Resume' : 'Pause'}
      </Button>
      <Button
        small
        kind="quiet"
        pending={reset.pending}
        icon={<RotateCcw size={13} />}
        onClick={() =>
          void reset.run(
            agent.role === 'mayor' ? { kind: 'mayor.restart' } : { kind: 'agent.reset', agentId: agent.id },
            agent.paused ? `${agent.name} was reset and stays paused` : `${agent.name} starts anew`,
          )
        }
      >
        Reset
      </Button>
    </div>
  );
}

function Watching({ agent, onMail }: { agent: AgentRow; onMail: () => void }) {
  const town = useTownId();
  const { run, pending, refusal, clear } = useCommand({ quiet: true });
  const mayor = agent.role === 'mayor';
  const [note, setNote] = useState<string | null>(null);
  const isUntrue = agent.runId !== null && refusal?.code === 'run_over';
  useEffect(() => {
    if (isUntrue) clear();
  }, [isUntrue, clear]);
  const send = async (text: string) => {
    const answer = await run(mayor ? { kind: 'mayor.tell', text } : { kind: 'agent.nudge', agentId: agent.id, text });
    setNote(answer.ok ? noteIn(answer.value) : null);
    return answer.ok;
  };
  return (
    <>
      <TranscriptView key={agent.id} town={town} agent={agent} />
      <div className="shrink-0 px-4 pt-1 pb-3 sm:px-5">
        <Composer
          label={mayor ? 'Tell the Mayor' : `Nudge ${agent.name}`}
          onSend={send}
          pending={pending}
          refusal={refusal}
          {...(refusal?.code === 'run_over' && { next: <InsteadMail onMail={onMail} /> })}
          above={note && <output className="text-sm text-muted">{note}</output>}
        />
      </div>
    </>
  );
}

const InsteadMail = ({ onMail }: { onMail: () => void }) => (
  <>
    <button type="button" onClick={onMail} className="underline decoration-line-strong underline-offset-3 hover:decoration-current">
      Write a mail
    </button>
    : it is read at its next start.
  </>
);

function History({ id }: { id: string }) {
  const runs = useSelect(
    ['runs'],
    (replica) => [...replica.rows('runs').values()].filter((run) => run.agentId === id).toSorted((a, b) => b.startedAt - a.startedAt),
    [id],
  );
  if (runs.length === 0) return <p className="p-5 text-sm text-muted">No run yet.</p>;
  return (
    <ul className="min-h-0 flex-1 divide-y divide-line toast-room overflow-y-auto px-4 sm:px-5">
      {runs.map((run) => (
        <RunLine key={run.id} run={run} of="agent" />
      ))}
    </ul>
  );
}
