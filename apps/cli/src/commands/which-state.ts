/** What runs on the state folders that a command means, and what is so where nothing does. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { failure } from '@gastown/protocol';
import type { Failure } from '@gastown/protocol';
import { processesOfState } from '../machine/marks.ts';
import type { ProcessFacts } from '../machine/processes.ts';
import { defaultState, pathsOf } from '../state/folder.ts';
import type { StateFolder } from '../state/folder.ts';
import { deadLock, runningLock } from '../state/lock.ts';
import type { LockRecord } from '../state/lock.ts';
import { registered } from '../state/register.ts';
import { isDemo, namedState, startCommand } from '../state/start-command.ts';

export interface Running {
  readonly folder: StateFolder;
  readonly lock: LockRecord;
}

/** The launcher that runs on the given folder; without one all of this home: on the default folders, then on others. */
export const allRunning = (given: string | undefined): Running[] =>
  given === undefined ? [...foldersMeant(given).flatMap(runningOn), ...onOtherFolders()] : foldersMeant(given).flatMap(runningOn);

function runningOn(folder: StateFolder): Running[] {
  const lock = runningLock(folder.lock);
  return lock === null ? [] : [{ folder, lock }];
}

/** On folders that somebody chose. What a folder says counts while the launcher that the register names holds it. */
function onOtherFolders(): Running[] {
  const known = foldersMeant(undefined).map(({ root }) => realOf(root));
  return registered().flatMap(({ launcher, state }) =>
    known.includes(realOf(state)) ? [] : runningOn(pathsOf(state)).filter(({ lock }) => lock.pid === launcher.pid),
  );
}
const realOf = (folder: string): string => (existsSync(folder) ? realpathSync(folder) : folder);

/** What a launcher that was killed left running on the folders that a command means, and where nothing runs now. */
export const remainsOn = (given: string | undefined): { readonly folder: StateFolder; readonly processes: ProcessFacts[] }[] =>
  foldersMeant(given).flatMap((folder) => {
    const processes = runningLock(folder.lock) === null ? remainsIn(folder) : [];
    return processes.length > 0 ? [{ folder, processes }] : [];
  });

export const foldersMeant = (given: string | undefined): StateFolder[] =>
  (given === undefined ? [defaultState(false), defaultState(true)] : [path.resolve(given)]).map(pathsOf);

export function notRunning(given: string | undefined): Failure {
  const folders = foldersMeant(given);
  const killed = folders.find((folder) => isState(folder) && remainsIn(folder).length > 0);
  if (killed !== undefined) return launcherKilled(killed);
  const kept = folders.filter(everRan);
  const [only, other] = kept;
  if (only === undefined) return nothingThere(folders);
  const said = kept.map(restingText);
  const start = other === undefined ? startCommand(only) : `${startCommand(only)}, or ${startCommand(other)}`;
  const elsewhere = folders.length > 1 ? ' One in a folder of its own is named with --state DIR.' : '';
  return failure('not_running', said.join(' ') + elsewhere, undefined, `Start it: ${start}`);
}

function restingText(folder: StateFolder): string {
  const it = `${isDemo(folder) ? 'The demo' : 'The town server'} in ${folder.root}`;
  const dead = deadLock(folder.lock);
  return dead === null
    ? `${it} is stopped; its state is kept.`
    : `${it} was killed, or its machine went down: process ${dead.pid} ended without stopping it. Its state is kept.`;
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
    `No town server ever ran in ${folders.map(({ root }) => root).join(' or ')}.${elsewhere}`,
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
    `${startCommand(folder)} ends them and starts anew; ./gastown stop${namedState(folder)} only ends them`,
  );
}

/** A start that was refused, for its port say, leaves a folder in which nothing is stored yet. */
const everRan = (folder: StateFolder): boolean =>
  isState(folder) && (deadLock(folder.lock) !== null || isDemo(folder) || holdsSomething(folder.workers));
const holdsSomething = (folder: string): boolean => existsSync(folder) && readdirSync(folder).length > 0;
export const isState = ({ root }: StateFolder): boolean => existsSync(path.join(root, 'version.json'));
const remainsIn = ({ root }: StateFolder): ProcessFacts[] => (existsSync(root) ? processesOfState(realpathSync(root)) : []);
