import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, refuse } from '@gastown/protocol';
import type { Result, Sha } from '@gastown/protocol';
import { checkOut } from '../git/check-out.ts';
import { gitFailure } from '../git/failures.ts';
import type { Git } from '../git/git.ts';
import type { Mirror } from '../git/mirror.ts';
import type { Outside } from '../git/outside.ts';
import { checkOutModules, moduleSettings, ofTheTop } from '../modules/check-out.ts';
import { exceptionsOf } from '../lfs/bring.ts';
import { commitOf } from '../git/refs.ts';
import { makeRepository } from '../git/repository.ts';
import { makeCellFolder, makePassage, removeOwned, runInCell } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import { CHECKING_OUT, makeFilesJudge } from './judge-files.ts';
import type { FilesJudge } from './judge-files.ts';

/**
 * The files of one merge result, for its gates. They belong to the user of the test, who may do to them what it likes. What became of them is judged from a repository that only the runner holds
 * (`judge-files.ts`), never with the repository that lies there for the gates' own use; what must be put back is written with the rights of the test, from a new one. Nothing of the test may run meanwhile.
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

/** Files are written by the attributes of the commit: those that something else laid beside them are removed first. Folders may have been closed to their own user. */
const RENEW = `chmod u+rwx -- "$2" && cd -- "$2" && find . -type d ! -perm -700 -exec chmod u+rwx {} \\; && { xargs -0 -r rm -f --; chmod -R u+rwX .git; rm -rf .git; mv -- "$1/.git" .git; }`;

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
    if (!filled.ok) return refuse(gitFailure(filled, CHECKING_OUT));
    // Gates judge the whole of what is merged, or it is tried again.
    const [broken] = await checkOutModules(holder, here);
    return broken ? refuse({ ...broken.failure, message: `The submodule ${broken.path}: ${broken.failure.message}` }) : ok(null);
  };
  const filled = await fill();
  if (!filled.ok) return filled;

  const judges: FilesJudge[] = [];
  const parts = [{ within: '', mirror, commit }, ...here.map((each) => ({ ...each, within: `${each.path}/` }))];
  for (const [number, part] of parts.entries()) {
    const made = await makeFilesJudge(git, { ...part, tree: path, folder: join(judging, String(number)) });
    if (!made.ok) return made;
    judges.push(made.value);
  }
  const changed = async (): Promise<Result<string[]>> => {
    const found: string[] = [];
    for (const judge of judges) {
      const files = await judge.changed();
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
    const foreign = judges.flatMap(({ foreignAttributes }) => foreignAttributes.map((name) => `${name}\0`)).join('');
    await runInCell(cell, RENEW, [fresh, path], foreign);
    await fill();
  };
  return ok({ path, home, changed, putBack });
}

/** What belongs to the user of the test is removed as that user. */
export async function removeGateTree(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [] as string[])) await removeOwned(join(folder, name));
  await rm(folder, { recursive: true, force: true });
}
