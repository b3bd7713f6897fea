import {
  failure,
  ok,
  refuse,
  targetMissing,
  type EffectValue,
  type Failure,
  type GateResult,
  type Outcome,
  type Result,
  type RunnerEffect,
} from '@gastown/protocol';
import type { Repository } from '../forge/repository.ts';
import { sameTree } from '../forge/repository.ts';
import { failed } from './outcomes.ts';
import type { Runner } from './runner.ts';

/** What the runner does in repositories, as apps/runner does it: it looks before it changes, so the same again is harmless. */
export type OfRepository = Extract<RunnerEffect, { kind: 'rig.connect' | 'merge.test' | 'merge.land' | 'branch.delete' }>;
type Test = Extract<RunnerEffect, { kind: 'merge.test' }>;
type Then = (outcome: Outcome) => void;

const RETRIED = ['repository_unreachable', 'git_failed'];
const outcomeOf = (result: Result<EffectValue>): Outcome =>
  result.ok ? { state: 'succeeded', value: result.value } : failed(result.failure, RETRIED.includes(result.failure.code));

export function performInRepository(runner: Runner, effect: OfRepository, then: Then): void {
  runner.after(runner.random.wait(effect.kind === 'merge.test' ? 8_000 : 800), () => {
    const { forge } = runner.ground;
    const refused = forge.refusal(effect.gitUrl, runner.token(effect.rigId));
    if (refused) return then(outcomeOf(refuse(refused)));
    const repository = forge.at(effect.gitUrl);
    if (effect.kind === 'merge.test') return testMerge(runner, repository, effect, (result) => then(outcomeOf(result)));
    then(outcomeOf(now(runner, repository, effect)));
  });
}

function now(runner: Runner, repository: Repository, effect: Exclude<OfRepository, Test>): Result<EffectValue> {
  switch (effect.kind) {
    case 'rig.connect': {
      const head = repository.head(repository.target);
      return ok({ kind: 'rig', defaultBranch: repository.target, empty: head === null, head: head as never });
    }
    case 'merge.land': {
      if (!runner.disk.has(effect.mergeCommit))
        return refuse(failure('branch_missing', 'The tested merge result is gone from this machine.'));
      if (effect.baseCommit === null && repository.lacks(effect.targetBranch))
        return refuse(targetMissing(effect.targetBranch, repository.target));
      if (runner.ground.forge.land(repository, effect.targetBranch, effect.baseCommit, effect.mergeCommit) === 'ok')
        return ok({ kind: 'landed', mergeCommit: effect.mergeCommit });
      return refuse(failure('target_moved', `${effect.targetBranch} is somewhere else now.`));
    }
    case 'branch.delete':
      repository.swap(effect.branch, effect.headCommit, null);
      return ok({ kind: 'none' });
  }
}

function testMerge(runner: Runner, repository: Repository, wish: Test, then: (result: Result<EffectValue>) => void): void {
  if (repository.lacks(wish.targetBranch)) return then(refuse(targetMissing(wish.targetBranch, repository.target)));
  const base = repository.head(wish.targetBranch);
  for (const commit of repository.history(base))
    if (commit.mergeId === wish.mergeId) return then(ok({ kind: 'landed', mergeCommit: commit.sha as never }));
  if (!repository.commits.has(wish.headCommit)) return then(refuse(failure('branch_missing', 'The commit is not in the repository.')));
  const merged = repository.merge(base, wish.headCommit);
  if ('conflicts' in merged) return then(refuse(failure('merge_conflict', `The branch conflicts in ${merged.conflicts.join(', ')}.`)));
  if (base !== null && sameTree(merged.tree, repository.treeOf(base))) return then(refuse(failure('nothing_done')));
  const commit = repository.commit(base, merged.tree, wish.mergeId);
  runner.disk.add(commit.sha);
  runner.after(runner.random.wait(20_000), () => {
    const { gates, why } = runGates(runner, repository, commit.sha, wish.gates);
    repository.verdicts.set(commit.sha, { passed: why === null, gates: wish.gates });
    then(
      ok({
        kind: 'tested',
        passed: why === null,
        baseCommit: base as never,
        mergeCommit: commit.sha as never,
        gates,
        failure: why,
      }),
    );
  });
}

/** Gates run in order until one fails. A good tree may meet a flaky gate; a broken one never passes. */
function runGates(
  runner: Runner,
  repository: Repository,
  sha: string,
  commands: readonly string[],
): { gates: GateResult[]; why: Failure | null } {
  const { world, forge } = runner.ground;
  const gates: GateResult[] = [];
  for (const command of commands) {
    const gate = { command, durationMs: 1_000, output: '', truncated: false };
    if (world.strikes('gate.runs_nothing'))
      return { gates: [...gates, { ...gate, exitCode: 127, timedOut: false }], why: failure('gate_ran_nothing') };
    if (world.strikes('gate.times_out'))
      return { gates: [...gates, { ...gate, exitCode: null, timedOut: true }], why: failure('gate_timeout') };
    const good = forge.judge(repository, sha) && !world.strikes('gate.flakes');
    gates.push({ ...gate, exitCode: good ? 0 : 1, timedOut: false });
    if (!good) return { gates, why: failure('gate_failed', `The gate "${command}" failed with exit code 1.`) };
  }
  return { gates, why: null };
}
