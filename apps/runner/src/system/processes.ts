import { readdir } from 'node:fs/promises';
import { setTimeout as after } from 'node:timers/promises';
import { isCode, lookInto } from './proc-file.ts';

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
    if (isCode(error, ['ESRCH', 'EPERM'])) return false;
    throw error;
  }
}

/** Whose processes are to be ended: of one of our users, or with a HOME under `folder` or in it. Each agent and gate gets such a HOME, and what they start inherits it. */
export interface Sought {
  /** Null: users alone tell. */
  readonly folder: string | null;
  readonly isOurs?: (uid: number) => boolean;
  /** Users that are ended whether a process of theirs is found or not: one that forks and exits all the time is seldom there when it is looked at. */
  readonly users?: readonly number[];
  /** Ends all of a user at one stroke; false when it did not come that far. */
  readonly endUser?: (uid: number) => Promise<boolean>;
}

export interface Ended {
  /** Those that were seen: whoever ends with its user at the first stroke is not looked for before. */
  readonly pids: number[];
  /** False: something may still run. */
  readonly quiet: boolean;
}

/**
 * Ends strays: what left its group (an agent's background shell) or outlived a killed runner; nothing else is touched. Looks again until none is left, since one may start another while it is looked for.
 * Where all are one user a chain of processes that exit at once can get away with it. Needs /proc.
 */
export async function endStrays({ folder, isOurs = () => false, users = [], endUser }: Sought): Promise<Ended> {
  const ended = new Set<number>();
  const unsure = new Set(endUser === undefined ? [] : users);
  let found: readonly Stray[] | null = [];
  for (const late = performance.now() + MOST_MS; ; await after(PAUSE_MS)) {
    if (endUser !== undefined)
      for (const uid of new Set([...unsure, ...(found ?? []).map((each) => each.uid).filter(isOurs)]))
        if (await endUser(uid)) unsure.delete(uid);
    for (const { pid } of found ?? []) if (signalOrGone(pid, 'SIGKILL') || endUser !== undefined) ended.add(pid);
    found = await strays(folder, isOurs);
    if (found?.length === 0 && unsure.size === 0) return { pids: [...ended], quiet: true };
    if (performance.now() > late) return { pids: [...ended], quiet: false };
  }
}

const MOST_MS = 10_000;
/** A process that was ended is there for a moment more. */
const PAUSE_MS = 2;

interface Stray {
  readonly pid: number;
  readonly uid: number;
}

/** Null: it cannot be told now. */
async function strays(folder: string | null, isOurs: (uid: number) => boolean): Promise<Stray[] | null> {
  try {
    const found: Stray[] = [];
    for (const name of await readdir('/proc').catch(nothingThere)) {
      const pid = Number(name);
      if (!Number.isInteger(pid) || pid === process.pid) continue;
      const status = await lookInto(`/proc/${pid}/status`);
      // One that ended and was not yet waited for by its parent cannot be ended again.
      if (status === '' || /^State:\s+[ZX]/m.test(status)) continue;
      const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]);
      if (isOurs(uid) || (folder !== null && isBelow(folder, await homeOf(pid)))) found.push({ pid, uid });
    }
    return found;
  } catch (error) {
    if (isCode(error, ['EMFILE', 'ENFILE', 'ENOMEM'])) return null;
    throw error;
  }
}

const isBelow = (folder: string, home: string | null): boolean => home === folder || home?.startsWith(`${folder}/`) === true;

/** A process that ends while it is looked at, or belongs to another user, has no HOME for us. */
async function homeOf(pid: number): Promise<string | null> {
  const environ = await lookInto(`/proc/${pid}/environ`);
  return (
    environ
      .split('\0')
      .find((entry) => entry.startsWith('HOME='))
      ?.slice(5) ?? null
  );
}

/** A machine without /proc. */
function nothingThere(error: unknown): string[] {
  if (isCode(error, ['ENOENT'])) return [];
  throw error;
}
