import { ok } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { isAlive, memoryOf } from '../machine/processes.ts';
import type { Screen } from '../terminal/screen.ts';
import { answersWithin } from '../runtime/readiness.ts';
import { runningTown } from './which-state.ts';

interface Row {
  readonly what: string;
  readonly pid: number;
  readonly memoryBytes: number;
}

/** What runs, for people or as one JSON object. Fails with `not_running` when nothing does. */
export async function status(options: { state?: string; json?: boolean }, screen: Screen): Promise<Result<null>> {
  const running = runningTown(options.state);
  if (!running.ok) return running;
  const { lock, folder } = running.value;
  const serving = lock.url !== null && (await answersWithin(new URL('/healthz', lock.url).href, 1_000));
  const processes: Row[] = [{ what: 'launcher', ...lock }, ...lock.children]
    .filter(isAlive)
    .map(({ what, pid }) => ({ what, pid, memoryBytes: memoryOf(pid) }));
  const { pid, url, version, demo, startedAt } = lock;
  if (options.json) screen.say(JSON.stringify({ pid, url, version, demo, startedAt, serving, state: folder.root, processes }));
  else screen.say(statusText({ url, version, demo, startedAt, serving, state: folder.root }, processes));
  return ok(null);
}

interface Facts {
  readonly url: string | null;
  readonly version: string;
  readonly demo: boolean;
  readonly startedAt: number;
  readonly serving: boolean;
  readonly state: string;
}

function statusText({ url, version, demo, startedAt, serving, state }: Facts, processes: readonly Row[]): string {
  const condition = url === null ? 'starting' : serving ? `serving ${url}` : `not answering at ${url}`;
  return [
    `Gastown ${version}${demo ? ' · demo' : ''}: ${condition}, since ${new Date(startedAt).toLocaleString('sv')}`,
    `State ${state}`,
    ...processes.map(
      ({ what, pid, memoryBytes }) =>
        `  ${what.padEnd(24)} ${String(pid).padStart(8)} ${String(Math.round(memoryBytes / 1024 / 1024)).padStart(6)} MB`,
    ),
  ].join('\n');
}
