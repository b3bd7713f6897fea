import { nextStep, type AgentRow, type LastScreen } from '@gastown/protocol';
import { Link } from '@tanstack/react-router';
import { useEffect, useState, type ReactNode } from 'react';
import { exactly, when } from '../format.ts';
import { useSelect, useTown } from '../replica/hooks.ts';
import { useTownId } from '../shell/town-id.ts';
import { Busy, Button, buttonClass } from '../ui/Button.tsx';
import { cx } from '../ui/cx.ts';
import { sleepsAt } from './sleep.ts';
import type { TerminalLook } from './use-terminal.ts';

/** One line over a terminal that is not simply there: what is so, and what to do. */
export function Bar({ agent, terminal }: { agent: AgentRow; terminal: TerminalLook }) {
  const { condition, broken, again } = terminal;
  return (
    <>
      {broken ? (
        <Line alarm>The terminal speaks another version. Reload the page.</Line>
      ) : condition.is === 'connecting' ? (
        <Line busy>Opening the terminal…</Line>
      ) : condition.is === 'open' && terminal.starting ? (
        <Line busy>Open. Its program starts, and has drawn nothing yet…</Line>
      ) : condition.is === 'reconnecting' ? (
        <Line busy>
          Reconnecting… What you type is kept and sent when the terminal is back
          {terminal.waiting > 0 ? `: ${letters(terminal.waiting)} so far.` : '.'}
        </Line>
      ) : condition.is === 'none' ? (
        <Asleep agent={agent} last={condition.last} />
      ) : condition.is === 'ended' ? (
        <Line action={<Again again={again}>Open another</Again>}>
          {why(condition.last, agent.name)} <ReadOnly />
        </Line>
      ) : condition.is === 'refused' ? (
        <Line alarm action={<Again again={again}>Try again</Again>}>
          {condition.failure.message} {nextStep(condition.failure)}
        </Line>
      ) : null}
      {condition.is === 'open' && <SleepsSoon agent={agent} />}
      {terminal.notSent > 0 && (
        <Line
          alarm
          action={
            <Button small onClick={terminal.forgetNotSent}>
              Understood
            </Button>
          }
        >
          {letters(terminal.notSent)} that you typed {terminal.notSent === 1 ? 'was' : 'were'} not sent: the terminal was gone, or there was
          too much at once.
        </Line>
      )}
    </>
  );
}

function Asleep({ agent, last }: { agent: AgentRow; last: LastScreen | null }) {
  const town = useTownId();
  const mayor = agent.role === 'mayor';
  return (
    <Line
      action={
        <Link to={mayor ? '/t/$town' : '/t/$town/board'} params={{ town }} className={buttonClass('plain', true)}>
          {mayor ? 'Tell the Mayor' : 'See the board'}
        </Link>
      }
    >
      {agent.status === 'starting'
        ? `${agent.name} is starting: the terminal opens by itself when it works.`
        : mayor
          ? 'The Mayor sleeps, so there is no terminal now. Tell the Mayor something: the terminal opens by itself when it wakes.'
          : `${agent.name} works on nothing now, so there is no terminal. One opens by itself with its next bead.`}{' '}
      {last && (
        <>
          Below is what was there until <Ago last={last} />. <ReadOnly />
        </>
      )}
    </Line>
  );
}

const SOON_MS = 120_000;
const LOOK_MS = 15_000;

/** A terminal keeps nothing awake: who works in one is told before the town goes to sleep (CT-9). */
function SleepsSoon({ agent }: { agent: AgentRow }) {
  const runner = useSelect(['runs'], (replica) => (agent.runId ? replica.row('runs', agent.runId)?.runnerId : undefined), [agent.runId]);
  const at = sleepsAt(useTown(), runner);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const look = setInterval(() => setNow(Date.now()), LOOK_MS);
    return () => clearInterval(look);
  }, []);
  if (at === null || at - now > SOON_MS) return null;
  return (
    <Line>
      The town has nothing to do and goes to sleep at about {when(Math.max(at, now))}; the terminal ends then. Tell the Mayor something to
      keep it awake.
    </Line>
  );
}

const Ago = ({ last }: { last: LastScreen }) => (
  <time dateTime={new Date(last.at).toISOString()} title={exactly(last.at)}>
    {when(last.at)}
  </time>
);
const ReadOnly = () => <span className="font-medium text-fg">Read-only.</span>;

function Again({ again, children }: { again: () => void; children: ReactNode }) {
  return (
    <Button small onClick={again}>
      {children}
    </Button>
  );
}

function why({ reason, exitCode, at }: LastScreen, name: string): string {
  const time = when(at);
  switch (reason) {
    case 'exited':
      return `Ended at ${time}${exitCode ? ` with exit code ${exitCode}` : ''}.`;
    case 'unwatched':
      return `Closed at ${time}: nobody had looked for five minutes.`;
    case 'run_over':
      return `Ended at ${time} with the run of ${name}. Another opens with its next run.`;
    case 'runner_stopped':
      return `Ended at ${time}: the town went to sleep. Another opens when it is awake and ${name} has a run.`;
  }
}

const letters = (bytes: number): string => `${bytes.toLocaleString('en')} ${bytes === 1 ? 'character' : 'characters'}`;

function Line({ children, action, alarm, busy }: { children: ReactNode; action?: ReactNode; alarm?: boolean; busy?: boolean }) {
  return (
    <div
      role={alarm ? 'alert' : 'status'}
      className={cx(
        'flex min-h-9 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1.5 text-sm',
        alarm ? 'bg-failed-wash text-failed' : 'bg-bg text-muted',
      )}
    >
      {busy && <Busy />}
      <p className="min-w-0 flex-1 basis-56">{children}</p>
      {action}
    </div>
  );
}
