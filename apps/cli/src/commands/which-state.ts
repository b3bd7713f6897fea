/** Which running town a command means, and what is so where none runs. */
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Failure, Result } from '@gastown/protocol';
import { processesOfState } from '../machine/marks.ts';
import type { ProcessFacts } from '../machine/processes.ts';
import { defaultState, pathsOf } from '../state/folder.ts';
import type { StateFolder } from '../state/folder.ts';
import { runningLock } from '../state/lock.ts';
import type { LockRecord } from '../state/lock.ts';
import { isDemo, startCommand, stateArgument } from '../state/start-command.ts';

export interface Running {
  readonly folder: StateFolder;
  readonly lock: LockRecord;
}

/** The town that a command means: of the given folder, else the one that runs on the default folder, else the demo. */
export function runningTown(given: string | undefined): Result<Running> {
  const folders = foldersMeant(given);
  for (const folder of folders) {
    const lock = runningLock(folder.lock);
    if (lock !== null) return ok({ folder, lock });
  }
  return refuse(notRunning(folders));
}

/** What a launcher that was killed left running on the folders that a command means. */
export const remainsOn = (given: string | undefined): ProcessFacts[] => foldersMeant(given).flatMap(remainsIn);

const foldersMeant = (given: string | undefined): StateFolder[] =>
  (given === undefined ? [defaultState(false), defaultState(true)] : [path.resolve(given)]).map(pathsOf);

function notRunning(folders: readonly StateFolder[]): Failure {
  const kept = folders.filter(isState);
  const [only, other] = kept;
  if (only === undefined) return nothingThere(folders);
  const killed = kept.filter((folder) => remainsIn(folder).length > 0);
  if (killed[0] !== undefined) return launcherKilled(killed[0]);
  const said = kept.map((folder) => `${isDemo(folder) ? 'The demo' : 'The town'} in ${folder.root} is stopped; its state is kept.`);
  const start = other === undefined ? startCommand(only) : `${startCommand(only)}, or ${startCommand(other)}`;
  const elsewhere = folders.length > 1 ? ' A town in a folder of its own is named with --state DIR.' : '';
  return failure('not_running', said.join(' ') + elsewhere, undefined, `Start it: ${start}`);
}

function nothingThere(folders: readonly StateFolder[]): Failure {
  const [first, second] = folders;
  const start =
    first && second === undefined
      ? `${startCommand(first)}, or ${startCommand(first, true)} for a demo`
      : './gastown up, or ./gastown demo';
  const elsewhere = second === undefined ? '' : ' One with a folder of its own is named with --state DIR.';
  return failure(
    'not_running',
    `No town was ever started in ${folders.map(({ root }) => root).join(' or ')}.${elsewhere}`,
    undefined,
    `Start one: ${start}`,
  );
}

function launcherKilled(folder: StateFolder): Failure {
  const left = remainsIn(folder).map(({ pid, command }) => `${path.basename(command.split(' ')[0] ?? '')} ${pid}`);
  return failure(
    'not_running',
    `The launcher of ${folder.root} was killed; what it started is still there: ${left.join(', ')}.`,
    undefined,
    `${startCommand(folder)} ends them and starts anew; ./gastown stop${stateArgument(folder)} only ends them`,
  );
}

const isState = ({ root }: StateFolder): boolean => existsSync(path.join(root, 'version.json'));
const remainsIn = ({ root }: StateFolder): ProcessFacts[] => (existsSync(root) ? processesOfState(realpathSync(root)) : []);
