import { join } from 'node:path';
import { ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { checkOut } from '../git/check-out.ts';
import { quoted } from '../git/config.ts';
import { gitFailure } from '../git/failures.ts';
import type { Git } from '../git/git.ts';
import { repositoryConfig } from '../git/repository.ts';
import { lines } from '../git/remote.ts';
import { exceptionsOf } from '../lfs/bring.ts';
import { runInCell } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import type { Module } from './bring.ts';

/** Who gets the files, and what of the files of the rig they are below. */
export interface Holder {
  readonly cell: Cell;
  /** git with the rights of the cell. */
  readonly own: Git;
  /** git of the runner. */
  readonly git: Git;
  readonly tree: string;
}

/**
 * Submodules in files that a cell has: each is a repository of its own that borrows the objects of its mirror, at the recorded commit. All of it is done with the rights of the cell, for the folder around is the cell's. A repository that
 * lies there is replaced; files that no commit has stay.
 */
export async function checkOutModules({ cell, own, git, tree }: Holder, modules: readonly Module[]): Promise<Result<null>> {
  for (const module of modules) {
    const at = join(tree, module.path);
    const nested = modules.filter(({ path, within }) => path === `${module.path}/${within}`);
    const branches = await git({ cwd: module.mirror.path }, 'for-each-ref', '--format=%(objectname) %(refname)', 'refs/remotes/origin');
    // Of any size, so nothing for a list of arguments.
    const files = [
      ...lines(repositoryConfig(module.mirror, at, `${origin(module, at)}${moduleSettings(nested)}`)).map((line) => `c ${line}\n`),
      `e ${JSON.stringify(exceptionsOf(module.lfs))}\n`,
      // It may be on no branch, and is not work of whoever has it.
      ...[...lines(branches.out), `${module.commit} ${RECORDED}`].map((line) => `r ${line}\n`),
    ].join('');
    const small = [`${module.commit}\n`, `${join(module.mirror.path, 'objects')}\n`];
    await runInCell(cell, PUT_TOGETHER, [tree, module.path, ...small], files);
    const filled = await checkOut({ git: own, cell }, at);
    if (!filled.ok) return refuse(gitFailure(filled, `The submodule ${module.path} could not be checked out`));
  }
  return ok(null);
}

/** A link in the place of the folder is removed, and one on the way there is not followed. */
const PUT_TOGETHER = String.raw`set -e
cd -- "$1"; top=$(pwd -P)
test ! -L "$2" || rm -f -- "$2"
mkdir -p -- "$2"; cd -- "$2"; test "$(pwd -P)" = "$top/$2"
chmod -Rf u+rwX .git || true; rm -rf .git
mkdir -p .git/objects/info .git/refs .git/lfs
printf %s "$3" > .git/HEAD
printf %s "$4" > .git/objects/info/alternates
sed -n -e 's/^c //w .git/config' -e t -e 's/^e //w .git/lfs/exceptions.json' -e t -e 's/^r //w .git/packed-refs'`;

const RECORDED = 'refs/remotes/gastown/recorded';

const origin = ({ mirror }: Module, at: string): string => `[remote "origin"]
\turl = ${quoted(mirror.path)}
\tfetch = +refs/remotes/origin/*:refs/remotes/origin/*
\tpushurl = ${quoted(join(at, '.git'))}
`;

/** For the repository that names them: they are there, and nothing need be asked for them. New files inside are none of its business. */
export const moduleSettings = (modules: readonly Module[]): string =>
  modules
    .map(({ name, mirror }) => `[submodule ${quoted(name)}]\n\turl = ${quoted(mirror.path)}\n\tactive = true\n\tignore = untracked\n`)
    .join('');

export const ofTheTop = (modules: readonly Module[]): Module[] => modules.filter(({ path, within }) => path === within);
