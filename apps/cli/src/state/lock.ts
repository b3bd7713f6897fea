/**
 * Who runs on a state folder. Written by its launcher only; read by the other commands.
 *
 *  1. At most one live launcher holds the lock: one at a time judges the file and writes its own, under the system's lock of the folder.
 *  2. A lock whose launcher is gone (same process id *and* start time) is stale and may be taken. The file appears whole or not at all.
 *  3. The keys are not in it.
 */
import { closeSync, openSync, rmSync } from 'node:fs';
import path from 'node:path';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { z } from 'zod';
import { jsonOf } from '../json.ts';
import { lockFolderNow } from '../machine/flock.ts';
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
  const folder = openSync(path.dirname(file), 'r');
  try {
    const alone = lockFolderNow(folder);
    if (!alone.ok) return alone;
    const holder = readLock(file);
    if (holder !== null && isAlive(holder)) return refuse(alreadyRunning(holder));
    writeAtomically(file, JSON.stringify(record));
    return ok(heldLock(file, record));
  } finally {
    closeSync(folder);
  }
}

/** The record of the launcher that runs on this folder; null when none does. */
export function runningLock(file: string): LockRecord | null {
  const holder = readLock(file);
  return holder !== null && isAlive(holder) ? holder : null;
}

/** The record of a launcher that is gone without having let go of this folder: it was killed, or the machine went down. */
export function deadLock(file: string): LockRecord | null {
  const holder = readLock(file);
  return holder === null || isAlive(holder) ? null : holder;
}

const alreadyRunning = ({ pid, url }: LockRecord) =>
  failure('already_running', `A town server already runs on this state folder${url ? ` at ${url}` : ''} (process ${pid}).`, { pid, url });

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
      if (!held) return; // by now it may be another's
      held = false;
      rmSync(file, { force: true });
    },
  };
}

/** A file that is no lock record counts as none: nobody lives behind it. */
function readLock(file: string): LockRecord | null {
  const text = readIfThere(file);
  return text === null ? null : (LockRecord.safeParse(jsonOf(text)).data ?? null);
}
