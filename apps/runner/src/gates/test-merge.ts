import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, LIMITS, ok, refuse } from '@gastown/protocol';
import type { EffectValue, Failure, GateResult, Result, RunnerEffect, Sha } from '@gastown/protocol';
import { gitFailure } from '../git/failures.ts';
import type { Git } from '../git/git.ts';
import type { Mirror, Mirrors } from '../git/mirror.ts';
import { fetchTarget } from '../git/push.ts';
import { commitOf, isBranchName, remoteRef } from '../git/refs.ts';
import { lines } from '../git/remote.ts';
import type { Remotes } from '../git/remote.ts';
import { landedAs, squash } from '../git/squash.ts';
import { removeWorktree } from '../git/worktree.ts';
import { OWN } from '../system/cell.ts';
import type { Cells } from '../system/cells.ts';
import { ranNothing, runGate } from './run-gate.ts';

export type MergeTest = Extract<RunnerEffect, { kind: 'merge.test' }>;

export interface GateSurroundings {
  readonly git: Git;
  readonly remotes: Remotes;
  readonly mirrors: Mirrors;
  readonly cells: Cells;
  readonly path: string;
  readonly lang: string;
  readonly now: () => number;
  readonly redact: (text: string) => string;
  readonly gateTimeoutMs: number;
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
  const verdict = await runGates(around, mirror, wish, built.value);
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

interface Verdict {
  readonly gates: GateResult[];
  readonly failure: Failure | null;
}

async function runGates(around: GateSurroundings, mirror: Mirror, wish: MergeTest, commit: Sha): Promise<Result<Verdict>> {
  if (wish.gates.length === 0) return ok({ gates: [], failure: null });
  const folder = join(around.mirrors.folder(wish.rigId), 'gates', wish.mergeId);
  const tree = join(folder, 'tree');
  const home = join(folder, 'home');
  await removeWorktree(around.git, mirror.path, tree);
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(home, 'tmp'), { recursive: true });
  try {
    const added = await around.git(
      { cwd: mirror.path, timeoutMs: LIMITS.cloneTimeoutMs.value },
      'worktree',
      'add',
      '--force',
      '--quiet',
      '--detach',
      '--',
      tree,
      commit,
    );
    if (!added.ok) return refuse(gitFailure(added, 'The merge result could not be checked out'));
    return ok(await runInOrder(around, wish.gates, tree, home, commit));
  } finally {
    await around.cells.end(folder, OWN);
    await removeWorktree(around.git, mirror.path, tree);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function runInOrder(
  around: GateSurroundings,
  commands: readonly string[],
  tree: string,
  home: string,
  commit: Sha,
): Promise<Verdict> {
  const environment = { PATH: around.path, HOME: home, TMPDIR: join(home, 'tmp'), LANG: around.lang, CI: 'true' };
  const gates: GateResult[] = [];
  for (const command of commands) {
    const result = await runGate({
      command,
      cwd: tree,
      cell: OWN,
      environment,
      timeoutMs: around.gateTimeoutMs,
      now: around.now,
      redact: around.redact,
    });
    const changed = await putBack(around.git, tree, commit);
    const gate =
      changed.length === 0
        ? result
        : {
            ...result,
            output: `${result.output}\n[the gate changed tracked files, which were put back: ${changed.slice(0, 10).join(', ')}]\n`,
          };
    gates.push(gate);
    const broken = gateFailure(gate);
    if (broken !== null) return { gates, failure: broken };
  }
  return { gates, failure: null };
}

function gateFailure(gate: GateResult): Failure | null {
  const details = { command: gate.command, exitCode: gate.exitCode };
  if (gate.timedOut) return failure('gate_timeout', `The gate "${gate.command}" ran longer than allowed.`, details);
  if (ranNothing(gate)) return failure('gate_ran_nothing', `The gate "${gate.command}" could not run.`, details);
  return gate.exitCode === 0
    ? null
    : failure('gate_failed', `The gate "${gate.command}" failed with exit code ${gate.exitCode ?? 'none'}.`, details);
}

/** Every gate judges the committed tree: what a gate changed in tracked files is put back before the next one. New files (builds, packages) stay. */
async function putBack(git: Git, tree: string, commit: Sha): Promise<string[]> {
  const changed = await git({ cwd: tree }, 'diff', '--name-only', commit);
  const moved = (await commitOf(git, tree, 'HEAD')) !== commit;
  if (changed.ok && changed.out === '' && !moved) return [];
  await git({ cwd: tree }, 'checkout', '--quiet', '--force', '--detach', commit);
  return lines(changed.out).length > 0 ? lines(changed.out) : ['HEAD'];
}
