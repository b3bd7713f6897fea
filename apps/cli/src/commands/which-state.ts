import path from 'node:path';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { defaultState, pathsOf } from '../state/folder.ts';
import type { StateFolder } from '../state/folder.ts';
import { runningLock } from '../state/lock.ts';
import type { LockRecord } from '../state/lock.ts';

export interface Running {
  readonly folder: StateFolder;
  readonly lock: LockRecord;
}

/** The town that a command means: of the given folder, else the one that runs on the default folder, else the demo. */
export function runningTown(given: string | undefined): Result<Running> {
  const folders = given === undefined ? [defaultState(false), defaultState(true)] : [path.resolve(given)];
  for (const folder of folders.map(pathsOf)) {
    const lock = runningLock(folder.lock);
    if (lock !== null) return ok({ folder, lock });
  }
  return refuse(
    failure(
      'not_running',
      `No town is running on ${folders.join(' or ')}.${given === undefined ? ' One with a folder of its own is named with --state DIR.' : ''}`,
    ),
  );
}
