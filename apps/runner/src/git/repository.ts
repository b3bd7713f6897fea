import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makePassage, removeOwned } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import type { Exceptions } from '../lfs/filter.ts';
import { exceptionsPath, lfsSettings } from '../lfs/store.ts';
import type { Mirror } from './mirror.ts';

/**
 * A repository for a cell, without files yet: it borrows the objects of the mirror, so nothing is copied. It is put together in a folder that nobody but the runner can enter, given to the
 * cell, and moved into place whole. From then on the runner's rights are not used in it any more.
 */
export interface RepositoryWish {
  readonly path: string;
  readonly cell: Cell;
  /** What stands in HEAD. */
  readonly head: string;
  /** Configuration beyond the ordinary. */
  readonly settings: string;
  readonly refs: ReadonlyMap<string, string>;
  /** What of Git LFS is not as it should be. */
  readonly lfs: Exceptions;
  /** Where it will lie, when that is not `path`. */
  readonly livesAt?: string;
}

const ORDINARY = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
\tlogallrefupdates = true
[gc]
\tauto = 0
`;

/** How git is set up in a repository for a cell that lies at `livesAt`. */
export const repositoryConfig = (mirror: Mirror, livesAt: string, settings: string): string =>
  `${ORDINARY}${lfsSettings(mirror.path, livesAt)}${settings}`;

const MAKING = '.making-';
const REMOVING = '.removing-';
/** Where something is put together that will lie at `path`; what is left there is recognised by `isHalf`. */
export const makingPath = (path: string): string => join(dirname(path), `${MAKING}${basename(path)}`);

/** Its folder must not exist. */
export async function makeRepository(
  mirror: Mirror,
  { path, cell, head, settings, refs, lfs, livesAt = path }: RepositoryWish,
): Promise<void> {
  const making = makingPath(path);
  const at = (...names: string[]): string => join(making, '.git', ...names);
  const folders = [at(), at('objects'), at('objects', 'info'), at('refs'), at('lfs')];
  const files = {
    [at('HEAD')]: `${head}\n`,
    [at('config')]: repositoryConfig(mirror, livesAt, settings),
    [at('objects', 'info', 'alternates')]: `${join(mirror.path, 'objects')}\n`,
    [exceptionsPath(making)]: JSON.stringify(lfs),
    [at('packed-refs')]: [...refs].map(([name, commit]) => `${commit} ${name}\n`).join(''),
  };
  await makePassage(dirname(path));
  await mkdir(making, { mode: 0o700 });
  for (const folder of folders) await mkdir(folder);
  for (const [file, text] of Object.entries(files)) await writeFile(file, text);
  const handOver = async (each: string, mode: number): Promise<void> => {
    await chmod(each, mode);
    if (cell.user !== null) await chown(each, cell.user.uid, cell.user.gid);
  };
  for (const file of Object.keys(files)) await handOver(file, 0o644);
  for (const folder of folders.toReversed()) await handOver(folder, 0o755);
  // Last of all: until now nobody could look inside.
  await handOver(making, 0o700);
  await rename(making, path);
}

/** Removes it with its files, whatever state it is in. */
export async function removeRepository(path: string): Promise<void> {
  await (await moveAway(path)).remove();
}

/**
 * Out of the way at once, under a name that is nobody's: one that is removed in part is never taken for one with work in it. `remove` may fail, where something still writes there; what is left is
 * recognised by `isHalf`.
 */
export const moveAway = (path: string): Promise<Away> => moveAwayTo(dirname(path), path);
export interface Away {
  remove(): Promise<void>;
}

/** To another folder of the same disk. */
export async function moveAwayTo(folder: string, path: string): Promise<Away> {
  const away = join(folder, `${REMOVING}${basename(path)}-${randomBytes(6).toString('hex')}`);
  const there = await rename(path, away).then(
    () => true,
    (cause: unknown) => {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return false;
      throw cause;
    },
  );
  return {
    async remove() {
      if (there) await removeOwned(away);
      await removeOwned(makingPath(path));
    },
  };
}

/** Is this name of a folder that was not made, or removed, to the end? */
export const isHalf = (name: string): boolean => name.startsWith(MAKING) || name.startsWith(REMOVING);
