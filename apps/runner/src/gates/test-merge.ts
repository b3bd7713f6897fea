import { dirname, join } from 'node:path';
import { failure, ok, refuse } from '@gastown/protocol';
import type { EffectValue, Failure, GateResult, Result, RunnerEffect, Sha } from '@gastown/protocol';
import type { Git } from '../git/git.ts';
import type { Mirror, Mirrors } from '../git/mirror.ts';
import { bringOutside, outsideText } from '../git/outside.ts';
import { fetchTarget } from '../git/push.ts';
import { commitOf, isBranchName, remoteRef } from '../git/refs.ts';
import type { Remotes } from '../git/remote.ts';
import { landedAs, squash } from '../git/squash.ts';
import { handInLfs } from '../lfs/hand-in.ts';
import { cellVariables, makeCellFolder, makeFoldersInCell, makePassage } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import type { Cells } from '../system/cells.ts';
import type { Log } from '../system/log.ts';
import { cacheVariables } from './caches.ts';
import { ranNothing, runGate } from './run-gate.ts';
import { makeGateTree, removeGateTree } from './tree.ts';
import type { GateTree } from './tree.ts';

export type MergeTest = Extract<RunnerEffect, { kind: 'merge.test' }>;

export interface GateSurroundings {
  readonly git: Git;
  /** git with the rights of a cell. */
  readonly gitOf: (cell: Cell) => Git;
  readonly remotes: Remotes;
  readonly mirrors: Mirrors;
  readonly cells: Cells;
  readonly path: string;
  readonly lang: string;
  readonly redact: (text: string) => string;
  readonly gateTimeoutMs: number;
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
  const base = await fetchTarget(git, remotes, mirror, wish.targetBranch);
  if (!base.ok) return base;
  const landed = base.value === null ? null : await landedAs(git, mirror, base.value, wish.mergeId);
  if (landed !== null) return ok({ kind: 'landed', mergeCommit: landed });
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
  const fetched = await fetchTarget(git, remotes, mirror, wish.branch);
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

interface Verdict {
  readonly gates: GateResult[];
  readonly failure: Failure | null;
}

async function runGates(around: GateSurroundings, mirror: Mirror, wish: MergeTest, { base, commit }: Built): Promise<Result<Verdict>> {
  if (wish.gates.length === 0) return ok({ gates: [], failure: null });
  const rigFolder = dirname(mirror.path);
  const folder = join(rigFolder, 'gates', wish.mergeId);
  const { cell, place, giveBack } = around.cells.borrowGate(wish.rigId);
  try {
    const quiet = await quieten(around, folder, cell);
    if (!quiet.ok) return quiet;
    await makePassage(join(rigFolder, 'gates'));
    const outside = await bringOutside(around.git, around.remotes, mirror, { commit, trusted: base, fresh: false });
    const tree = await makeGateTree({ ...around, mirror, folder, cell, commit, outside });
    if (!tree.ok) return tree;
    const caches = join(rigFolder, 'caches', String(place));
    await makePassage(dirname(caches));
    await makeCellFolder(cell, caches);
    return await runInOrder(around, wish.gates, { tree: tree.value, cell, folder, caches, missing: outsideText(outside) });
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

/** Nothing may change the files while they are judged. */
async function quieten({ cells }: GateSurroundings, folder: string, cell: Cell): Promise<Result<null>> {
  const { quiet } = await cells.end(folder, cell);
  return quiet
    ? ok(null)
    : refuse(failure('gate_failed', 'Something that a gate left running cannot be ended: nothing can be judged beside it.'));
}

interface GatePlace {
  readonly tree: GateTree;
  readonly cell: Cell;
  readonly folder: string;
  readonly caches: string;
  /** What the commit names and the tree does not have, in words. */
  readonly missing: string | null;
}

async function runInOrder(
  around: GateSurroundings,
  commands: readonly string[],
  { tree, cell, folder, caches, missing }: GatePlace,
): Promise<Result<Verdict>> {
  const temporary = join(tree.home, 'tmp');
  await makeFoldersInCell(cell, [temporary]);
  const environment = {
    PATH: around.path,
    ...cellVariables(tree.home),
    TMPDIR: temporary,
    LANG: around.lang,
    CI: 'true',
    ...cacheVariables(caches),
  };
  const gates: GateResult[] = [];
  for (const command of commands) {
    const { gateTimeoutMs: timeoutMs, redact } = around;
    const result = await runGate({ command, cwd: tree.path, cell, environment, timeoutMs, redact });
    const quiet = await quieten(around, folder, cell);
    if (!quiet.ok) return quiet;
    const changed = await putBack(tree);
    if (!changed.ok) return changed;
    const notes = [
      ...(changed.value.length === 0 ? [] : [toldOf(changed.value)]),
      ...(missing === null || result.exitCode === 0 ? [] : [`[${missing}]`]),
    ];
    const gate = notes.length === 0 ? result : { ...result, output: `${result.output}\n${notes.join('\n')}\n` };
    gates.push(gate);
    const broken = gateFailure(gate);
    if (broken !== null) return ok({ gates, failure: broken });
  }
  return ok({ gates, failure: null });
}

const toldOf = (changed: readonly string[]): string =>
  `[the gate changed tracked files, which were put back: ${changed.slice(0, 10).join(', ')}]`;

/** Every gate judges the committed tree: what a gate changed in tracked files is put back before the next one. New files (builds, packages) stay. */
async function putBack(tree: GateTree): Promise<Result<string[]>> {
  const changed = await tree.changed();
  if (!changed.ok || changed.value.length === 0) return changed;
  await tree.putBack();
  const still = await tree.changed();
  if (!still.ok || still.value.every((name) => name === 'HEAD')) return changed;
  return refuse(failure('git_failed', `Files that a gate changed could not be put back: ${still.value.slice(0, 10).join(', ')}.`));
}

function gateFailure(gate: GateResult): Failure | null {
  const details = { command: gate.command, exitCode: gate.exitCode };
  if (gate.timedOut) return failure('gate_timeout', `The gate "${gate.command}" ran longer than allowed.`, details);
  if (ranNothing(gate)) return failure('gate_ran_nothing', `The gate "${gate.command}" could not run.`, details);
  return gate.exitCode === 0
    ? null
    : failure('gate_failed', `The gate "${gate.command}" failed with exit code ${gate.exitCode ?? 'none'}.`, details);
}
