import path from 'node:path';
import type { Result } from '@gastown/protocol';
import { isAlive, memoryOf, processFacts } from '../machine/processes.ts';
import type { Screen } from '../terminal/screen.ts';
import { answersWithin } from '../runtime/readiness.ts';
import { startCommand, stateArgument } from '../state/start-command.ts';
import { runningTown } from './which-state.ts';
import type { Running } from './which-state.ts';

interface Row {
  readonly what: string;
  readonly pid: number;
  readonly memoryBytes: number;
}

type Condition = 'serving' | 'starting' | 'halted' | 'not_answering';

/** What runs, for people or as one JSON object; ends with 1 when it runs but serves nobody. Fails with `not_running` when nothing does. */
export async function status(options: { state?: string; json?: boolean }, screen: Screen): Promise<Result<null> | number> {
  const running = runningTown(options.state);
  if (!running.ok) return running;
  const { lock, folder } = running.value;
  const condition = await conditionOf(lock);
  const next = nextOf(condition, running.value);
  const processes: Row[] = [{ what: 'launcher', ...lock }, ...lock.children]
    .filter(isAlive)
    .map(({ what, pid }) => ({ what, pid, memoryBytes: memoryOf(pid) }));
  const { pid, url, version, demo, startedAt } = lock;
  const serving = condition === 'serving';
  if (options.json)
    screen.say(JSON.stringify({ pid, url, version, demo, startedAt, condition, serving, next, state: folder.root, processes }));
  else screen.say(statusText(running.value, { condition, next, processes }));
  return serving || condition === 'starting' ? 0 : 1;
}

/** Ctrl-Z in its terminal halts the launcher while the page is still served: agents cannot be started or stopped then. */
async function conditionOf({ pid, url }: Running['lock']): Promise<Condition> {
  if (processFacts(pid)?.state === 'T') return 'halted';
  if (url === null) return 'starting';
  return (await answersWithin(new URL('/healthz', url).href, 1_000)) ? 'serving' : 'not_answering';
}

function nextOf(condition: Condition, { folder, lock }: Running): string | null {
  if (condition === 'serving') return null;
  if (condition === 'starting') return 'It prints a sign-in link in its terminal as soon as it serves.';
  if (condition === 'halted') return `Let it go on: fg in its terminal, or kill -CONT ${lock.pid}`;
  return `Stop it and start it again: ./gastown stop${stateArgument(folder)} && ${startCommand(folder)}. Its logs: ${folder.logs}`;
}

interface Seen {
  readonly condition: Condition;
  readonly next: string | null;
  readonly processes: readonly Row[];
}

function statusText({ folder, lock }: Running, { condition, next, processes }: Seen): string {
  const { url, version, demo, startedAt } = lock;
  const says = {
    serving: `serving ${url}`,
    starting: 'starting',
    halted: `halted (process ${lock.pid} waits to go on)`,
    not_answering: `not answering at ${url}`,
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
