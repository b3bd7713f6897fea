/**
 * The state folder: everything that a town must not lose. `version.json` names its layout; a launcher never opens a newer one than it knows.
 */
import { tooFewFiles } from '../machine/open-files.ts';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statfsSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Failure, Result } from '@gastown/protocol';
import { z } from 'zod';
import { jsonOf } from '../json.ts';
import { errnoOf, failureOfWrite } from '../machine/errno.ts';
import { writeAtomically } from './write.ts';

export const LAYOUT = 1;
/** Less than this and databases fail in the middle of their work. */
export const LEAST_FREE_BYTES = 100 * 1024 * 1024;

export interface StateFolder {
  readonly root: string;
  readonly lock: string;
  readonly keys: string;
  readonly demo: string;
  readonly workers: string;
  readonly page: string;
  readonly logs: string;
  town(id: string): string;
}

export const defaultState = (demo: boolean): string => path.join(os.homedir(), demo ? '.gastown-demo' : '.gastown');

export const pathsOf = (root: string): StateFolder => ({
  root,
  lock: path.join(root, 'lock.json'),
  keys: path.join(root, 'keys.json'),
  demo: path.join(root, 'demo'),
  workers: path.join(root, 'workers'),
  page: path.join(root, 'page'),
  logs: path.join(root, 'logs'),
  town: (id) => path.join(root, 'towns', id),
});

const Version = z.object({ layout: z.number().int(), version: z.string() });

/** Makes the folder if need be, private to this user, and checks that it can be used. */
export function openStateFolder(wanted: string, version: string): Result<StateFolder> {
  const root = path.resolve(wanted);
  const few = tooFewFiles();
  if (few) return refuse(few);
  try {
    makeFolder(root);
    const folder = pathsOf(realpathSync(root));
    const known = checkVersion(folder.root);
    if (!known.ok) return known;
    // A runner whose agents are other users lets them pass through, unable to see what else is here.
    chmodSync(folder.root, 0o700 | (statSync(folder.root).mode & 0o001));
    const free = freeBytes(folder.root);
    if (free < LEAST_FREE_BYTES)
      return refuse(failure('disk_full', `${folder.root} has ${Math.floor(free / 1024 / 1024)} MB left; 100 MB are needed.`));
    // First, so that a folder of ours is known as such whatever happens next.
    if (known.value !== version) writeAtomically(path.join(folder.root, 'version.json'), JSON.stringify({ layout: LAYOUT, version }));
    for (const each of [folder.workers, folder.logs, path.join(folder.root, 'towns')]) mkdirSync(each, { recursive: true, mode: 0o700 });
    return ok(folder);
  } catch (cause) {
    const known = failureOfWrite(cause, root);
    if (known === null) throw cause;
    return refuse(known);
  }
}

/** Folder by folder: Node's own way never ends where the system answers a new folder with "no such file", as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error(`${folder} is a file`), { code: 'ENOTDIR' });
    return;
  }
  makeFolder(path.dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

/** Someone's home, say: closing it to others and filling it is not what they meant. */
const isForeign = (root: string): boolean =>
  readdirSync(root).some((name) => !name.startsWith('version.json') && ![RUNNERS, LAUNCHERS].includes(name));
/** Below the default folder: runners of this machine, and the register of launchers on other folders. Either may have been first. */
export const RUNNERS = 'runners';
export const LAUNCHERS = 'launchers';

export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** The version that wrote a folder that is there last; null for a new one. Refused when it is none of ours, or not for this version. */
export function checkVersion(root: string): Result<string | null> {
  const file = path.join(root, 'version.json');
  const text = readIfThere(file);
  if (text === null)
    return isForeign(root) ? refuse(failure('state_unwritable', `${root} holds other things and is no state folder.`)) : ok(null);
  const known = Version.safeParse(jsonOf(text));
  if (!known.success) return refuse(versionDamaged(file));
  const { layout, version } = known.data;
  if (layout <= LAYOUT) return ok(version);
  return refuse(failure('state_too_new', `${root} was written by version ${version} (layout ${layout}); this one knows layout ${LAYOUT}.`));
}

const versionDamaged = (file: string): Failure =>
  failure(
    'state_damaged',
    `${file} is damaged: it does not say which version wrote this folder.`,
    undefined,
    `Put it back from a copy. Without one, and when no newer version ran here, write {"layout":${LAYOUT},"version":"0"} into it; nothing else is in it`,
  );

export function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return null;
    throw cause;
  }
}
