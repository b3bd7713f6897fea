import { readdir } from 'node:fs/promises';
import { setTimeout as after } from 'node:timers/promises';
import { readProc } from './proc-file.ts';

/** Ends a whole process group: politely, then for certain. Resolves when the signal that must end it has been sent. */
export async function endGroup(pid: number, exited: Promise<unknown>, graceMs: number): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  const late = new AbortController();
  await Promise.race([exited, after(graceMs, undefined, { signal: late.signal }).catch(ignoreAbort)]);
  late.abort();
  signalGroup(pid, 'SIGKILL');
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
}

/** Sends a signal to a process group; one that is gone already is as wished. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  signalOrGone(-pid, signal);
}

function signalOrGone(target: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM')) return false;
    throw error;
  }
}

/**
 * Ends every process that belongs to one of our users, or whose HOME lies under `folder`. Each agent and gate gets such a HOME, and what they start inherits it: so strays that left the
 * group (an agent's background shell) or outlived a killed runner are found, and nothing else is touched. Looks again until none is left: one may start another while it is looked for. Needs /proc.
 */
export async function endStrays(folder: string, isOurs: (uid: number) => boolean): Promise<number[]> {
  const ended = new Set<number>();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const found = await strays(folder, isOurs);
    const alive = found.filter((pid) => signalOrGone(pid, 'SIGKILL'));
    for (const pid of alive) ended.add(pid);
    if (alive.length === 0) break;
  }
  return [...ended];
}

const MOST_ROUNDS = 20;

async function strays(folder: string, isOurs: (uid: number) => boolean): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc').catch(() => [] as string[])) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const status = await readProc(`/proc/${pid}/status`);
    // One that ended and was not yet waited for by its parent cannot be ended again.
    if (status === '' || /^State:\s+[ZX]/m.test(status)) continue;
    const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]);
    if (isOurs(uid) || (await homeOf(pid))?.startsWith(`${folder}/`)) found.push(pid);
  }
  return found;
}

/** A process that ends while it is looked at, or belongs to another user, has no HOME for us. */
async function homeOf(pid: number): Promise<string | null> {
  const environ = await readProc(`/proc/${pid}/environ`);
  return (
    environ
      .split('\0')
      .find((entry) => entry.startsWith('HOME='))
      ?.slice(5) ?? null
  );
}
