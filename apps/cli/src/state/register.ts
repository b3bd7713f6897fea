/**
 * Which launchers of this home run on state folders that somebody chose; the default folders need no entry. One file for each, named after its process and holding the folder;
 * a launcher writes and removes its own, the other commands read. Nothing that another process says of itself is believed (I15):
 *
 *  1. The register counts only while it belongs to this user and nobody else may write in it; so does each folder that it names.
 *  2. An entry whose launcher is gone (same process id *and* start time) counts for nothing; the next launcher removes it.
 */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { errnoOf } from '../machine/errno.ts';
import { identityOf, isAlive } from '../machine/processes.ts';
import type { ProcessIdentity } from '../machine/processes.ts';
import { defaultState, LAUNCHERS, readIfThere } from './folder.ts';
import type { StateFolder } from './folder.ts';
import { isDefault } from './start-command.ts';
import { writeAtomically } from './write.ts';

export interface Entry {
  readonly launcher: ProcessIdentity;
  readonly state: string;
}

const register = (): string => path.join(defaultState(false), LAUNCHERS);

/** Enters this process as the launcher of a folder, whose lock it holds. Throws where the system refuses a file. */
export function enterRegister(folder: StateFolder): void {
  if (isDefault(folder)) return;
  mkdirSync(register(), { recursive: true, mode: 0o700 });
  chmodSync(register(), 0o700);
  for (const name of readdirSync(register())) {
    const launcher = launcherOf(name);
    if (launcher !== null && !isAlive(launcher)) rmSync(path.join(register(), name), { force: true });
  }
  writeAtomically(ownEntry(folder), folder.root);
}

export function leaveRegister(folder: StateFolder): void {
  try {
    rmSync(ownEntry(folder), { force: true });
  } catch (cause) {
    if (errnoOf(cause) === null) throw cause; // what stays counts for nothing as soon as this process is gone
  }
}

/** Live launchers, in the order of their folders. */
export function registered(): Entry[] {
  if (!isOwn(register())) return [];
  const entries = readdirSync(register()).flatMap((name): Entry[] => {
    const launcher = launcherOf(name);
    if (launcher === null || !isAlive(launcher)) return [];
    const state = readIfThere(path.join(register(), name));
    return state !== null && isOwn(state) ? [{ launcher, state }] : [];
  });
  return entries.toSorted((one, other) => (one.state < other.state ? -1 : 1));
}

/** A process may be the launcher of more than one folder, as in tests. */
function ownEntry({ root }: StateFolder): string {
  const { pid, startTicks } = identityOf(process.pid);
  return path.join(register(), `${pid}-${startTicks}-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`);
}

function launcherOf(name: string): ProcessIdentity | null {
  const [, pid, startTicks] = /^(\d+)-(\d+)-[0-9a-f]{12}$/.exec(name) ?? [];
  return pid === undefined ? null : { pid: Number(pid), startTicks: Number(startTicks) };
}

function isOwn(folder: string): boolean {
  try {
    const there = statSync(folder);
    return there.isDirectory() && there.uid === process.getuid?.() && (there.mode & 0o022) === 0;
  } catch (cause) {
    if (errnoOf(cause) === null) throw cause;
    return false; // gone, or in a place where this user may not look
  }
}
