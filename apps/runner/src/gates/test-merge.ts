import { dirname, join } from 'node:path';
import { failure, ok, refuse } from '@gastown/protocol';
import type { EffectValue, Result, RunnerEffect, Sha } from '@gastown/protocol';
import type { Git } from '../git/git.ts';
import type { Mirror, Mirrors } from '../git/mirror.ts';
import { bringOutside, outsideText } from '../git/outside.ts';
import { commitOf, isBranchName, remoteRef } from '../git/refs.ts';
import type { Remotes } from '../git/remote.ts';
import { landedAs, squash } from '../git/squash.ts';
import { fetchBranch, fetchTarget } from '../git/target.ts';
import { handInLfs } from '../lfs/hand-in.ts';
import { makeCellFolder, makePassage } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import type { Log } from '../system/log.ts';
import { markUsed } from './cache-limit.ts';
import { judge, quieten } from './judge.ts';
import type { JudgeSurroundings, Verdict } from './judge.ts';
import { makeGateTree, removeGateTree } from './tree.ts';

export type MergeTest = Extract<RunnerEffect, { kind: 'merge.test' }>;

export interface GateSurroundings extends JudgeSurroundings {
  readonly git: Git;
  /** git with the rights of a cell. */
  readonly gitOf: (cell: Cell) => Git;
  readonly remotes: Remotes;
  readonly mirrors: Mirrors;
  readonly log: Log;
}

/** Builds the merge result on the target's head of this moment and runs the gates on exactly that tree (I5). */
export async function testMerge(around: GateSurroundings, wish: MergeTest): Promise<Result<EffectValue>> {
  const { git, remotes, mirrors } = around;
  const opened = await mirrors.open(wish.rigId, wish.gitUrl);
  if (!opened.ok) return opened;
  const mirror = opened.value;
  if (!(await isBranchName(git, mirror.path, wish.targetBranch)))
    return refuse(failure('setup_failed', `"${wish.targetBranch}" is not a branch name.`));
  const base = await fetchTarget(git, remotes, mirror, { target: wish.targetBranch, isNew: wish.isNew });
  if (!base.ok) return base;
  const landed = base.value === null ? ok(null) : await landedAs(git, mirror, base.value, wish.mergeId);
  if (!landed.ok) return landed;
  if (landed.value !== null) return ok({ kind: 'landed', mergeCommit: landed.value });
  const present = await headPresent(around, mirror, wish);
  if (!present.ok) return present;
  const built = await squash(git, mirror, {
    mergeId: wish.mergeId,
    base: base.value,
    head: wish.headCommit,
    message: wish.message,
    signature: wish,
  });
  if (!built.ok) return built;
  const whole = await nothingMissing(around, mirror, base.value, built.value);
  if (!whole.ok) return whole;
  const verdict = await runGates(around, mirror, wish, { base: base.value, commit: built.value });
  return verdict.ok
    ? ok({ kind: 'tested', passed: verdict.value.failure === null, baseCommit: base.value, mergeCommit: built.value, ...verdict.value })
    : verdict;
}

/** Another machine may have pushed the branch: then it is fetched. */
async function headPresent({ git, remotes }: GateSurroundings, mirror: Mirror, wish: MergeTest): Promise<Result<null>> {
  if ((await commitOf(git, mirror.path, wish.headCommit)) !== null) return ok(null);
  if (!(await isBranchName(git, mirror.path, wish.branch)))
    return refuse(failure('branch_missing', `"${wish.branch}" is not a branch name.`));
  const fetched = await fetchBranch(git, remotes, mirror, wish.branch);
  if (!fetched.ok) return fetched;
  if ((await commitOf(git, mirror.path, wish.headCommit)) !== null) return ok(null);
  const now = await commitOf(git, mirror.path, remoteRef(wish.branch));
  return refuse(
    failure('branch_missing', `The commit ${wish.headCommit.slice(0, 12)} of ${wish.branch} is not in the repository.`, { head: now }),
  );
}

/** A pointer into Git LFS does not land without its object: the server is asked for it once more. */
async function nothingMissing({ git, remotes }: GateSurroundings, mirror: Mirror, base: Sha | null, head: Sha): Promise<Result<null>> {
  const fit = await handInLfs(git, remotes, mirror, { base, head, since: 'base' });
  return fit.ok || fit.failure.code !== 'not_pushed' ? fit : refuse({ ...fit.failure, code: 'push_refused' });
}

interface Built {
  readonly base: Sha | null;
  readonly commit: Sha;
}

async function runGates(around: GateSurroundings, mirror: Mirror, wish: MergeTest, { base, commit }: Built): Promise<Result<Verdict>> {
  if (wish.gates.length === 0) return ok({ gates: [], failure: null });
  const rigFolder = dirname(mirror.path);
  const folder = join(rigFolder, 'gates', wish.mergeId);
  const { cell, place, giveBack } = around.cells.borrowGate(wish.rigId);
  try {
    const quiet = await quieten(around.cells, folder, cell);
    if (!quiet.ok) return quiet;
    await makePassage(join(rigFolder, 'gates'));
    const outside = await bringOutside(around.git, around.remotes, mirror, { commit, trusted: base, fresh: false });
    const tree = await makeGateTree({ ...around, mirror, folder, cell, commit, outside });
    if (!tree.ok) return tree;
    const caches = join(rigFolder, 'caches', String(place));
    await makePassage(dirname(caches));
    await makeCellFolder(cell, caches);
    await markUsed(caches);
    return await judge(around, wish, { tree: tree.value, cell, folder, caches, missing: outsideText(outside) });
  } finally {
    // What the gates said stands, whether their folder can be cleared or not; the next test of this merge clears it again.
    await clear(around, folder, cell)
      .catch((cause: unknown) => around.log('gates.not_cleared', { folder, reason: String(cause) }))
      .finally(giveBack);
  }
}

async function clear({ cells }: GateSurroundings, folder: string, cell: Cell): Promise<void> {
  await cells.end(folder, cell);
  await removeGateTree(folder);
}
