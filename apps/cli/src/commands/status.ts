import path from 'node:path';
import type { Result } from '@gastown/protocol';
import { checkPort } from '../machine/port.ts';
import { isAlive, memoryOf, processFacts } from '../machine/processes.ts';
import type { Screen } from '../terminal/screen.ts';
import { answersWithin } from '../runtime/readiness.ts';
import { namedState, startCommand, stateArgument } from '../state/start-command.ts';
import { runningServers } from './meant.ts';
import type { Running } from './which-state.ts';

interface Row {
  readonly what: string;
  readonly pid: number;
  readonly memoryBytes: number;
}

type Condition = 'serving' | 'starting' | 'halted' | 'slow' | 'not_answering';

/** A town that begins several agents at once may take seconds: it gets more than one try before anything is said of it. */
const PATIENCE = { allMs: 10_000, tryMs: 3_000 };
type Patience = typeof PATIENCE;

interface Seen {
  readonly running: Running;
  readonly condition: Condition;
  readonly next: string | null;
  readonly processes: readonly Row[];
}

/** What runs, all of it, for people or as one JSON object; ends with 1 when one runs but serves nobody. Fails with `not_running` when nothing does. */
export async function status(
  options: { state?: string; json?: boolean },
  screen: Screen,
  patience: Patience = PATIENCE,
): Promise<Result<null> | number> {
  const running = runningServers(options.state);
  if (!running.ok) return running;
  const [first, ...others] = running.value;
  const seeing = Promise.all([look(first, patience), ...others.map((each) => look(each, patience))] as const);
  const seen = await screen.during('Waiting for an answer', seeing);
  if (options.json) {
    const [one, ...more] = seen;
    screen.json({ ...facts(one), others: more.map(facts) });
  } else screen.say(seen.map(statusText).join('\n\n'));
  return seen.every(({ condition }) => condition === 'serving' || condition === 'starting') ? 0 : 1;
}

async function look(running: Running, patience: Patience): Promise<Seen> {
  const { lock } = running;
  const condition = await conditionOf(lock, patience);
  const processes = [{ what: 'launcher', ...lock }, ...lock.children]
    .filter(isAlive)
    .map(({ what, pid }) => ({ what, pid, memoryBytes: memoryOf(pid) }));
  return { running, condition, next: nextOf(condition, running), processes };
}
const facts = ({ running: { lock, folder }, condition, next, processes }: Seen) => {
  const { pid, url, version, demo, startedAt } = lock;
  return { pid, url, version, demo, startedAt, condition, serving: condition === 'serving', next, state: folder.root, processes };
};

/** Ctrl-Z in its terminal halts the launcher while the page is still served: agents cannot be started or stopped then. */
async function conditionOf({ pid, url }: Running['lock'], { allMs, tryMs }: Patience): Promise<Condition> {
  if (processFacts(pid)?.state === 'T') return 'halted';
  if (url === null) return 'starting';
  if (await answersWithin(new URL('/healthz', url).href, allMs, tryMs)) return 'serving';
  return (await checkPort(Number(new URL(url).port))).ok ? 'not_answering' : 'slow';
}

function nextOf(condition: Condition, { folder, lock }: Running): string | null {
  if (condition === 'serving') return null;
  if (condition === 'starting') return 'It prints a sign-in link in its terminal as soon as it serves.';
  if (condition === 'halted') return `Let it go on: fg in its terminal, or kill -CONT ${lock.pid}`;
  return `Ask again: ./gastown status${stateArgument(folder)}. Only if it stays so, stop it and start it again: ./gastown stop${namedState(folder)} && ${startCommand(folder)}. Its logs: ${folder.logs}`;
}

function statusText({ running: { folder, lock }, condition, next, processes }: Seen): string {
  const { url, version, demo, startedAt } = lock;
  const says = {
    serving: `serving ${url}`,
    starting: 'starting',
    halted: `halted (process ${lock.pid} waits to go on)`,
    slow: `slow to answer at ${url}; its process lives (${lock.pid})`,
    not_answering: `not answering at ${url}; its process lives (${lock.pid})`,
  };
  return [
    `Gastown ${version}${demo ? ' · demo' : ''}: ${says[condition]}, since ${new Date(startedAt).toLocaleString('sv')}`,
    `State ${path.resolve(folder.root)}`,
    ...processes.map(
      ({ what, pid, memoryBytes }) =>
        `  ${what.padEnd(24)} ${String(pid).padStart(8)} ${String(Math.round(memoryBytes / 1024 / 1024)).padStart(6)} MB`,
    ),
    ...(next === null ? [] : [`→ ${next}`]),
  ].join('\n');
}
