/**
 * Who runs on a state folder. Written by its launcher only; read by the other commands.
 *
 *  1. At most one live launcher holds the lock: it appears whole, by `link`, or not at all.
 *  2. A lock whose launcher is gone (same process id *and* start time) is stale and may be taken.
 *  3. The keys are not in it.
 */
import { linkSync, renameSync, rmSync } from 'node:fs';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { z } from 'zod';
import { errnoOf } from '../machine/errno.ts';
import { identityOf, isAlive } from '../machine/processes.ts';
import { readIfThere } from './folder.ts';
import { writeAtomically } from './write.ts';

const Identity = z.object({ pid: z.number().int().positive(), startTicks: z.number() });
const LockRecord = Identity.extend({
  version: z.string(),
  demo: z.boolean(),
  startedAt: z.number().int(),
  port: z.number().int(),
  /** Null until the page is served. */
  url: z.string().nullable(),
  hostUrl: z.string().nullable(),
  children: z.array(Identity.extend({ what: z.string() })),
});
export type LockRecord = z.infer<typeof LockRecord>;

export interface Lock {
  readonly record: LockRecord;
  update(change: Partial<Pick<LockRecord, 'url' | 'hostUrl' | 'children'>>): void;
  release(): void;
}

type Wanted = Pick<LockRecord, 'version' | 'demo' | 'startedAt' | 'port'>;

/** Takes the lock; refused with `already_running` while another launcher lives on this folder. */
export function takeLock(file: string, wanted: Wanted): Result<Lock> {
  const record: LockRecord = { ...identityOf(process.pid), ...wanted, url: null, hostUrl: null, children: [] };
  for (;;) {
    if (createWhole(file, record)) return ok(heldLock(file, record));
    const holder = readLock(file);
    if (holder !== null && isAlive(holder)) return refuse(alreadyRunning(holder));
    removeStale(file, holder);
  }
}

/** The record of the launcher that runs on this folder; null when none does. */
export function runningLock(file: string): LockRecord | null {
  const holder = readLock(file);
  return holder !== null && isAlive(holder) ? holder : null;
}

const alreadyRunning = ({ pid, url }: LockRecord) =>
  failure('already_running', `A town already runs on this state folder${url ? ` at ${url}` : ''} (process ${pid}).`, { pid, url });

function heldLock(file: string, first: LockRecord): Lock {
  let record = first;
  let held = true;
  return {
    get record() {
      return record;
    },
    update: (change) => {
      if (!held) return;
      record = { ...record, ...change };
      writeAtomically(file, JSON.stringify(record));
    },
    release: () => {
      held = false;
      rmSync(file, { force: true });
    },
  };
}

function createWhole(file: string, record: LockRecord): boolean {
  const own = `${file}.${process.pid}`;
  writeAtomically(own, JSON.stringify(record));
  try {
    linkSync(own, file);
    return true;
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST') return false;
    throw cause;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Moves the lock aside before removing it: if two launchers judge the same stale lock, the second must not remove the first one's new lock. */
function removeStale(file: string, judged: LockRecord | null): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return;
    throw cause;
  }
  const moved = readLock(aside);
  if (moved !== null && (moved.pid !== judged?.pid || moved.startTicks !== judged.startTicks) && isAlive(moved)) linkSync(aside, file);
  rmSync(aside, { force: true });
}

/** A file that is no lock record counts as none: nobody lives behind it. */
function readLock(file: string): LockRecord | null {
  const text = readIfThere(file);
  if (text === null) return null;
  try {
    return LockRecord.safeParse(JSON.parse(text)).data ?? null;
  } catch (cause) {
    if (cause instanceof SyntaxError) return null;
    throw cause;
  }
}
