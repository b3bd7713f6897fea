import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, refuse } from '@gastown/protocol';
import type { Result, Sha } from '@gastown/protocol';
import { checkOut } from '../git/check-out.ts';
import { gitFailure } from '../git/failures.ts';
import type { Git, GitCall } from '../git/git.ts';
import type { Mirror } from '../git/mirror.ts';
import { exceptionsOf } from '../lfs/bring.ts';
import type { LfsHere } from '../lfs/bring.ts';
import { lfsConfig, writeExceptions } from '../lfs/store.ts';
import { commitOf } from '../git/refs.ts';
import { lines } from '../git/remote.ts';
import { makeRepository } from '../git/repository.ts';
import { makeCellFolder, makePassage, removeOwned, runInCell } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';

/**
 * The files of one merge result, for its gates. They belong to the user of the test, who may do to them what it likes. What became of them is judged with an index that only the runner holds and
 * the settings of the mirror, never with the repository that lies there for the gates' own use; what must be put back is written with the rights of the test, from a new one. Nothing of the test may run meanwhile.
 */
export interface GateTree {
  readonly path: string;
  readonly home: string;
  /** Tracked files that are not as committed, or `HEAD`. */
  changed(): Promise<Result<string[]>>;
  putBack(): Promise<void>;
}

export interface GateTreeWish {
  readonly git: Git;
  readonly gitOf: (cell: Cell) => Git;
  readonly mirror: Mirror;
  /** Of this test alone. */
  readonly folder: string;
  readonly cell: Cell;
  readonly commit: Sha;
  /** What of its files in Git LFS is there. */
  readonly lfs: LfsHere;
}

const DOING = 'The merge result could not be checked out for the gates';

export async function makeGateTree({ git, gitOf, mirror, folder, cell, commit, lfs: here }: GateTreeWish): Promise<Result<GateTree>> {
  const path = join(folder, 'tree');
  const home = join(folder, 'home');
  const judging = join(folder, 'judge');
  await removeGateTree(folder);
  await makePassage(folder);
  await mkdir(judging, { mode: 0o700 });
  await makeCellFolder(cell, home);
  const lfs = exceptionsOf(here);
  await makeRepository(mirror, { path, cell, head: commit, settings: '', refs: new Map(), lfs });
  const own = gitOf(cell);
  const filled = await checkOut({ git: own, cell }, path);
  if (!filled.ok) return refuse(gitFailure(filled, DOING));

  const exceptions = join(judging, 'lfs.json');
  await writeExceptions(exceptions, lfs);
  const judge: GitCall = {
    cwd: path,
    config: { 'core.bare': 'false', ...lfsConfig(mirror.path, exceptions) },
    environment: { GIT_DIR: mirror.path, GIT_WORK_TREE: path, GIT_INDEX_FILE: join(judging, 'index') },
  };
  const read = await git(judge, 'read-tree', commit);
  if (!read.ok) return refuse(gitFailure(read, DOING));
  const changed = async (): Promise<Result<string[]>> => {
    // Submodules are not looked into: git would start itself in them.
    const files = await git(judge, 'diff', '--name-only', '--no-ext-diff', '--no-textconv', '--ignore-submodules=all', '--no-renames');
    if (!files.ok) return refuse(gitFailure(files, 'The files could not be compared after the gate'));
    const moved = (await commitOf(own, path, 'HEAD')) !== commit;
    return ok(moved && files.out === '' ? ['HEAD'] : lines(files.out));
  };
  let tries = 0;
  const putBack = async (): Promise<void> => {
    // The repository that lies there may have been told anything: the gates get a new one, and the files come from that.
    const fresh = join(folder, `again-${++tries}`);
    await makeRepository(mirror, { path: fresh, livesAt: path, cell, head: commit, settings: '', refs: new Map(), lfs });
    await runInCell(cell, 'cd -- "$2" && { chmod -R u+rwX .git; rm -rf .git; mv -- "$1/.git" .git; }', [fresh, path]);
    await checkOut({ git: own, cell }, path);
  };
  // Once now, so that the index knows the files as they are and later looks are quick.
  await git(judge, 'update-index', '-q', '--ignore-submodules', '--refresh');
  return ok({ path, home, changed, putBack });
}

/** What belongs to the user of the test is removed as that user. */
export async function removeGateTree(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [] as string[])) await removeOwned(join(folder, name));
  await rm(folder, { recursive: true, force: true });
}
