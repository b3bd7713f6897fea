import { mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, refuse } from '@gastown/protocol';
import type { Result, Sha } from '@gastown/protocol';
import { checkOut } from '../git/check-out.ts';
import { gitFailure } from '../git/failures.ts';
import type { Git, GitCall } from '../git/git.ts';
import type { Mirror } from '../git/mirror.ts';
import type { Outside } from '../git/outside.ts';
import { checkOutModules, moduleSettings, ofTheTop } from '../modules/check-out.ts';
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
  /** What it names, as far as it is here. */
  readonly outside: Outside;
}

const DOING = 'The merge result could not be checked out for the gates';

export async function makeGateTree({ git, gitOf, mirror, folder, cell, commit, outside }: GateTreeWish): Promise<Result<GateTree>> {
  const path = join(folder, 'tree');
  const home = join(folder, 'home');
  const judging = join(folder, 'judge');
  await removeGateTree(folder);
  await makePassage(folder);
  await mkdir(judging, { mode: 0o700 });
  await makeCellFolder(cell, home);
  const { here } = outside.modules;
  const settings = moduleSettings(ofTheTop(here));
  const top = { path, cell, head: commit, settings, refs: new Map(), lfs: exceptionsOf(outside.lfs) };
  await makeRepository(mirror, top);
  const own = gitOf(cell);
  const holder = { cell, own, git, tree: path };
  const fill = async (): Promise<Result<null>> => {
    const filled = await checkOut({ git: own, cell }, path);
    return filled.ok ? checkOutModules(holder, here) : refuse(gitFailure(filled, DOING));
  };
  const filled = await fill();
  if (!filled.ok) return filled;

  const judges: Judge[] = [];
  const parts = [{ within: '', mirror, commit, lfs: outside.lfs }, ...here.map((each) => ({ ...each, within: `${each.path}/` }))];
  for (const [number, part] of parts.entries()) {
    const made = await makeJudge(git, { ...part, tree: path, index: join(judging, String(number)) });
    if (!made.ok) return made;
    judges.push(made.value);
  }
  const changed = async (): Promise<Result<string[]>> => {
    const found: string[] = [];
    for (const judge of judges) {
      const files = await judge();
      if (!files.ok) return files;
      found.push(...files.value);
    }
    const moved = (await commitOf(own, path, 'HEAD')) !== commit;
    return ok(moved && found.length === 0 ? ['HEAD'] : found);
  };
  let tries = 0;
  const putBack = async (): Promise<void> => {
    // The repository that lies there may have been told anything: the gates get a new one, and the files come from that.
    const fresh = join(folder, `again-${++tries}`);
    await makeRepository(mirror, { ...top, path: fresh, livesAt: path });
    await runInCell(cell, 'cd -- "$2" && { chmod -R u+rwX .git; rm -rf .git; mv -- "$1/.git" .git; }', [fresh, path]);
    await fill();
  };
  return ok({ path, home, changed, putBack });
}

/** Tells which of its files are not as committed. */
type Judge = () => Promise<Result<string[]>>;

interface Judged {
  /** Empty, or the folder of a submodule with a slash. */
  readonly within: string;
  readonly mirror: Mirror;
  readonly commit: Sha;
  readonly lfs: LfsHere;
  readonly tree: string;
  readonly index: string;
}

async function makeJudge(git: Git, { within, mirror, commit, lfs, tree, index }: Judged): Promise<Result<Judge>> {
  const path = join(tree, within);
  const exceptions = `${index}.lfs.json`;
  await writeExceptions(exceptions, exceptionsOf(lfs));
  const call: GitCall = {
    cwd: mirror.path,
    config: { 'core.bare': 'false', ...lfsConfig(mirror.path, exceptions) },
    environment: { GIT_DIR: mirror.path, GIT_WORK_TREE: path, GIT_INDEX_FILE: index },
  };
  const read = await git(call, 'read-tree', commit);
  if (!read.ok) return refuse(gitFailure(read, DOING));
  // Once now, so that the index knows the files as they are and later looks are quick.
  await git({ ...call, cwd: path }, 'update-index', '-q', '--ignore-submodules', '--refresh');
  return ok(async () => {
    // A folder that is gone, or a link to another: whatever is behind it is not what was committed.
    if ((await realpath(path).catch(() => null)) !== (await realpath(tree)) + (within === '' ? '' : `/${within.slice(0, -1)}`))
      return ok([within]);
    // Submodules are not looked into: git would start itself in them. Each has a judge of its own.
    const options = ['--name-only', '--no-ext-diff', '--no-textconv', '--ignore-submodules=all', '--no-renames'];
    const files = await git({ ...call, cwd: path }, 'diff', ...options);
    return files.ok
      ? ok(lines(files.out).map((name) => `${within}${name}`))
      : refuse(gitFailure(files, 'The files could not be compared after the gate'));
  });
}

/** What belongs to the user of the test is removed as that user. */
export async function removeGateTree(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [] as string[])) await removeOwned(join(folder, name));
  await rm(folder, { recursive: true, force: true });
}
