/** The port on which a state folder was served last: bookmarks and runners name it, so a start takes it again. */
import path from 'node:path';
import { checkPort } from '../machine/port.ts';
import { readIfThere } from './folder.ts';
import type { StateFolder } from './folder.ts';
import { deadLock } from './lock.ts';
import { writeAtomically } from './write.ts';

export const DEFAULT_PORT = 8787;
const fileOf = ({ root }: Pick<StateFolder, 'root'>): string => path.join(root, 'port');

export const keepPort = (folder: Pick<StateFolder, 'root'>, port: number): void => writeAtomically(fileOf(folder), String(port));

/** Null for a folder that was never served, and for a file that names no port. */
export function lastPort(folder: Pick<StateFolder, 'root'>): number | null {
  const port = Number(readIfThere(fileOf(folder)));
  return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : null;
}

/** `insteadOf`: the one that the folder keeps, taken by another just now. */
export interface ChosenPort {
  readonly port: number;
  readonly insteadOf: number | null;
}
/** What a start takes that names none: the last one while it is free or held by what a killed launcher left, which a start ends; else the usual one. */
export async function portFor(folder: Pick<StateFolder, 'root' | 'lock'>): Promise<ChosenPort> {
  const last = lastPort(folder) ?? DEFAULT_PORT;
  const isLast = last === DEFAULT_PORT || deadLock(folder.lock)?.port === last || (await checkPort(last)).ok;
  return isLast ? { port: last, insteadOf: null } : { port: DEFAULT_PORT, insteadOf: last };
}
