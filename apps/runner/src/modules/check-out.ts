import { join } from 'node:path';
import { failure } from '@gastown/protocol';
import type { Failure, FailureCode } from '@gastown/protocol';
import { checkOut } from '../git/check-out.ts';
import { quoted } from '../git/config.ts';
import { gitFailure } from '../git/failures.ts';
import type { Git } from '../git/git.ts';
import { repositoryConfig } from '../git/repository.ts';
import { lines } from '../git/remote.ts';
import { exceptionsOf } from '../lfs/bring.ts';
import { runInCell } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import { machineFailed } from '../system/machine.ts';
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

/** It could not be put together. */
export interface BrokenModule {
  readonly path: string;
  readonly failure: Failure;
}

/**
 * Submodules in files that a cell has: each is a repository of its own that borrows the objects of its mirror, at the recorded commit. All of it is done with the rights of the cell, for the folder around is the cell's. A repository that
 * lies there is replaced; files that no commit has stay. One that cannot be put together is given back, its folder empty, and the others are there all the same.
 */
export async function checkOutModules(holder: Holder, modules: readonly Module[]): Promise<BrokenModule[]> {
  const broken: BrokenModule[] = [];
  for (const module of modules) {
    const { path } = module;
    const around = broken.find((each) => path.startsWith(`${each.path}/`));
    const why = around ? inside(around) : await putTogether(holder, module, modules);
    if (why === null) continue;
    broken.push({ path, failure: why });
    if (!around) await runInCell(holder.cell, EMPTY, [holder.tree, path]).catch(() => undefined);
  }
  return broken;
}

const inside = ({ path, failure: { code } }: BrokenModule): Failure => failure(code, `it is inside of ${path}`);

/** Null: it is there. */
async function putTogether({ cell, own, git, tree }: Holder, module: Module, modules: readonly Module[]): Promise<Failure | null> {
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
  try {
    await runInCell(cell, PUT_TOGETHER, [tree, module.path, ...small], files);
  } catch (cause) {
    return failure(
      machineFailed(cause) ?? 'setup_failed',
      `it could not be put together: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
  const filled = await checkOut({ git: own, cell }, at);
  return filled.ok ? null : gitFailure(filled, 'it could not be checked out');
}

/** The machine is why, not the submodule: what has it is tried again. */
export const byMachine = (broken: readonly BrokenModule[]): Failure | null =>
  broken.find(({ failure: { code } }) => MACHINE.includes(code))?.failure ?? null;
const MACHINE: readonly FailureCode[] = ['disk_full', 'state_unwritable', 'machine_full'];

const EMPTY = 'cd -- "$1" && test ! -L "$2" && rm -rf -- "$2" && mkdir -p -- "$2"';

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
