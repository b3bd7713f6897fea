import type { Readable } from 'node:stream';
import { LIMITS } from '@gastown/protocol';
import type { Sha } from '@gastown/protocol';
import type { Git } from '../git/git.ts';
import { runInCell } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import { startInCell } from '../system/start.ts';
import { newPointers } from './files.ts';
import { objectPath } from './filter.ts';
import type { Pointer } from './filter.ts';
import { freeBytes, isStored, ownObjects, store } from './store.ts';

/** Whose repository it is, and where. */
export interface Maker {
  readonly path: string;
  readonly cell: Cell;
}

/**
 * Takes what the repository of a run has of these, as its user and checked. What is not there, or something else, is left: the hand-in looks whether it is missed. False: something that is there was left too, since it is too large,
 * the disk has no room, or it took too long.
 */
export async function takeObjects(mirror: string, { path, cell }: Maker, pointers: readonly Pointer[]): Promise<boolean> {
  let room = Math.min(LIMITS.lfsFetchBytes.value, (await freeBytes(mirror)) - LIMITS.lfsFreeBytes.value);
  let whole = true;
  const over = AbortSignal.timeout(LIMITS.cloneTimeoutMs.value);
  for (const pointer of new Map(pointers.map((each) => [each.oid, each])).values()) {
    if (await isStored(mirror, pointer)) continue;
    const file = objectPath(ownObjects(path), pointer.oid);
    const fits = pointer.size <= LIMITS.lfsObjectBytes.value && pointer.size <= room;
    if (over.aborted || !fits) {
      whole &&= !over.aborted && !(await isInCell(cell, file));
      continue;
    }
    const late = AbortSignal.any([over, AbortSignal.timeout(LIMITS.effectTimeoutMs.value)]);
    const taken = await store(mirror, pointer, () => readInCell(cell, file), late).catch(() => null);
    if (taken === true) room -= pointer.size;
    whole &&= taken !== null;
  }
  return whole;
}

const isInCell = (cell: Cell, file: string): Promise<boolean> =>
  runInCell(cell, 'test -f "$1"', [file]).then(
    () => true,
    () => false,
  );

/** A file as the cell may read it; nothing when it may not, or when it is no file but a pipe or a device. To be read from at once: what a program that has ended left unread is thrown away. */
async function readInCell(cell: Cell, file: string): Promise<Readable> {
  const args = ['-c', 'test -f "$1" && exec cat -- "$1"', 'cell', file];
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' };
  const child = await startInCell(cell, '/bin/sh', args, { cwd: '/', env, stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.on('close', () => child.kill('SIGKILL'));
  return child.stdout;
}

/** Takes what commits of a run bring, before its branch moves in the mirror. False: some may be in the repository of the run alone. */
export async function takeNewObjects(git: Git, mirror: string, maker: Maker, head: Sha): Promise<boolean> {
  const pointers = await newPointers(git, mirror, head);
  return pointers.ok && (pointers.value.length === 0 || (await takeObjects(mirror, maker, pointers.value)));
}
