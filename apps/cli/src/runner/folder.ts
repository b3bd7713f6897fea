/**
 * The folder of this machine's runner of one town: below `state` what the runner keeps, beside it its log. Whoever runs on it holds the system's lock of the folder, which its end lets
 * go of, whatever ended it.
 */
import { closeSync, mkdirSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { failureOfWrite } from '../machine/errno.ts';
import { lockFolder } from '../machine/flock.ts';
import { tooFewFiles } from '../machine/open-files.ts';
import { defaultState, freeBytes, LEAST_FREE_BYTES, RUNNERS } from '../state/folder.ts';
import { writeAtomically } from '../state/write.ts';

export interface RunnerFolder {
  readonly root: string;
  readonly state: string;
  readonly log: string;
  release(): void;
}

export const defaultRunnerFolder = (town: string): string => path.join(defaultState(false), RUNNERS, town);

/** Refused with `already_running` while another process runs on it. */
export async function openRunnerFolder(wanted: string): Promise<Result<RunnerFolder>> {
  const root = path.resolve(wanted);
  const few = tooFewFiles();
  if (few) return refuse(few);
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const free = freeBytes(root);
    if (free < LEAST_FREE_BYTES)
      return refuse(failure('disk_full', `${root} has ${Math.floor(free / 1024 / 1024)} MB left; 100 MB are needed.`));
    return await lockedFolder(realpathSync(root));
  } catch (cause) {
    const known = failureOfWrite(cause, root);
    if (known === null) throw cause;
    return refuse({ ...known, ...(known.code === 'state_unwritable' && { next: 'Choose another: --state DIR.' }) });
  }
}

async function lockedFolder(root: string): Promise<Result<RunnerFolder>> {
  const descriptor = openSync(root, 'r');
  const alone = await lockFolder(descriptor, false);
  const holder = path.join(root, 'process');
  if (!alone.ok || !alone.value) {
    closeSync(descriptor);
    return alone.ok ? refuse(running(root, pidIn(holder))) : alone;
  }
  writeAtomically(holder, String(process.pid));
  const state = path.join(root, 'state');
  mkdirSync(state, { recursive: true, mode: 0o700 });
  return ok({
    root,
    state,
    log: path.join(root, 'runner.log'),
    release() {
      rmSync(holder, { force: true });
      closeSync(descriptor);
    },
  });
}

const running = (root: string, pid: string | null) =>
  failure(
    'already_running',
    `A runner of this town already runs on this machine, in ${root}${pid === null ? '' : ` (process ${pid})`}.`,
    undefined,
    'Use that one, or stop it first (Ctrl-C where it runs). For another runner of the same town: --state DIR, with a token of its own.',
  );

function pidIn(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim() || null;
  } catch {
    // It ends at this very moment: who it was does not matter.
    return null;
  }
}
