import { failure, refuse } from '@gastown/protocol';
import type { EffectValue, Failure, FailureCode, Outcome, Result, RigId, RunnerEffect } from '@gastown/protocol';
import { testMerge } from './gates/test-merge.ts';
import type { GateSurroundings } from './gates/test-merge.ts';
import { checkedOut } from './git/checked-out.ts';
import { isPassing } from './git/failures.ts';
import { machineFailed } from './system/machine.ts';
import type { Mirror } from './git/mirror.ts';
import { packMirror } from './git/pack.ts';
import { deleteWorkBranch, dropRescues, land } from './git/push.ts';
import type { KeyedLock } from './system/keyed-lock.ts';

/** What is done in a repository, without an agent. Each looks before it changes: the same again is harmless (I18). */
export type RepositoryEffect = Extract<RunnerEffect, { kind: 'rig.connect' | 'merge.test' | 'merge.land' | 'branch.delete' }>;
type Of<K extends RepositoryEffect['kind']> = Extract<RepositoryEffect, { kind: K }>;

export interface RepositorySurroundings extends GateSurroundings {
  readonly locks: KeyedLock;
  /** The branch is to be deleted: when this resolves, nobody here makes it again (BR-6). */
  readonly retireBranch: (rigId: RigId, branch: string) => Promise<void>;
  /** Epoch ms. */
  readonly now: () => number;
}

export async function performInRepository(around: RepositorySurroundings, effect: RepositoryEffect): Promise<Outcome> {
  switch (effect.kind) {
    case 'rig.connect':
      return outcomeOf(await connect(around, effect));
    case 'merge.test':
      return outcomeOf(await around.locks.run(`merge ${effect.mergeId}`, () => testMerge(around, effect)));
    case 'merge.land':
      return outcomeOf(await landMerge(around, effect));
    case 'branch.delete':
      await around.retireBranch(effect.rigId, effect.branch);
      return outcomeOf(await deleteBranch(around, effect));
  }
}

const connect = (around: RepositorySurroundings, effect: Of<'rig.connect'>): Promise<Result<EffectValue>> =>
  withMirror(around, effect, async (mirror) => {
    const head = await around.mirrors.look(mirror);
    if (!head.ok) return head;
    const taken = await checkedOut(around.git, effect.gitUrl, head.value.defaultBranch);
    if (taken) return refuse(taken);
    const fetched = head.value.empty ? { ok: true as const } : await around.mirrors.fetch(mirror);
    return fetched.ok ? { ok: true, value: { kind: 'rig', ...head.value } } : fetched;
  });

const landMerge = (around: RepositorySurroundings, effect: Of<'merge.land'>): Promise<Result<EffectValue>> =>
  withMirror(around, effect, async (mirror) => {
    const landed = await land(around.git, around.remotes, mirror, effect.targetBranch, effect.baseCommit, effect.mergeCommit);
    return landed.ok ? { ok: true, value: { kind: 'landed', mergeCommit: effect.mergeCommit } } : landed;
  });

const deleteBranch = (around: RepositorySurroundings, effect: Of<'branch.delete'>): Promise<Result<EffectValue>> =>
  withMirror(around, effect, async (mirror) => {
    const deleted = await deleteWorkBranch(around.git, around.remotes, mirror, effect.branch, effect.headCommit);
    if (deleted.ok) await dropRescues(around.git, around.remotes, mirror, effect.branch);
    await packMirror(around.git, mirror, around.now());
    return deleted.ok ? { ok: true, value: { kind: 'none' } } : deleted;
  });

/** Talks to one rig's repository, one at a time for each rig. */
function withMirror(
  around: RepositorySurroundings,
  effect: { readonly rigId: RigId; readonly gitUrl: string },
  job: (mirror: Mirror) => Promise<Result<EffectValue>>,
): Promise<Result<EffectValue>> {
  return around.locks.run(effect.rigId, async () => {
    const opened = await around.mirrors.open(effect.rigId, effect.gitUrl);
    return opened.ok ? job(opened.value) : opened;
  });
}

const RETRY: ReadonlySet<FailureCode> = new Set([
  'runner_drained',
  'dispatch_failed',
  'agent_crashed',
  'internal',
  'runner_full',
  'runner_keeping',
]);

export const failed = (what: Failure): Outcome => ({ state: 'failed', failure: what, retry: isPassing(what.code) || RETRY.has(what.code) });
const outcomeOf = (result: Result<EffectValue>): Outcome =>
  result.ok ? { state: 'succeeded', value: result.value } : failed(result.failure);

/** A bug or a broken machine: told to the town with what there is, and tried again. */
export function brokeOff(kind: RunnerEffect['kind'], error: unknown): Outcome {
  return failed(failure(machineFailed(error) ?? 'internal', `${kind}: ${error instanceof Error ? error.message : String(error)}`));
}
