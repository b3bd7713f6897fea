import { failure, refuse } from '@gastown/protocol';
import type { EffectValue, Failure, FailureCode, Outcome, Result, RunnerEffect } from '@gastown/protocol';
import { testMerge } from './gates/test-merge.ts';
import type { GateSurroundings } from './gates/test-merge.ts';
import { checkedOut } from './git/checked-out.ts';
import { isPassing } from './git/failures.ts';
import type { Mirror } from './git/mirror.ts';
import { packMirror } from './git/pack.ts';
import { deleteWorkBranch, dropRescues, land } from './git/push.ts';
import type { Runs } from './runs/runs.ts';
import type { KeyedLock } from './system/keyed-lock.ts';

/** Performs one effect. `afterwards` is done when the town has committed the outcome. */
export interface Performed {
  readonly outcome: Outcome;
  readonly afterwards?: () => void;
}

export interface EffectSurroundings extends GateSurroundings {
  readonly runs: Runs;
  readonly locks: KeyedLock;
  /** Epoch ms. */
  readonly now: () => number;
}

const RETRY: ReadonlySet<FailureCode> = new Set(['runner_drained', 'dispatch_failed', 'agent_crashed', 'internal', 'runner_full']);

const failed = (what: Failure): Outcome => ({ state: 'failed', failure: what, retry: isPassing(what.code) || RETRY.has(what.code) });
const outcomeOf = (result: Result<EffectValue>): Outcome =>
  result.ok ? { state: 'succeeded', value: result.value } : failed(result.failure);
const asNone = (result: Result<null>): Outcome => (result.ok ? NONE : failed(result.failure));
const NONE: Outcome = { state: 'succeeded', value: { kind: 'none' } };

export async function performEffect(around: EffectSurroundings, effect: RunnerEffect): Promise<Performed> {
  try {
    return await perform(around, effect);
  } catch (error) {
    // A bug or a broken machine: told to the town with what there is, and tried again.
    const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
    return {
      outcome: failed(
        failure(full ? 'disk_full' : 'internal', `${effect.kind}: ${error instanceof Error ? error.message : String(error)}`),
      ),
    };
  }
}

async function perform(around: EffectSurroundings, effect: RunnerEffect): Promise<Performed> {
  switch (effect.kind) {
    case 'run.start': {
      const started = await around.runs.start(effect);
      return started.ok ? { outcome: started.value.run.outcome, afterwards: started.value.begin } : { outcome: failed(started.failure) };
    }
    case 'run.prompt':
      return { outcome: asNone(await around.runs.prompt(effect)) };
    case 'run.interrupt':
      return { outcome: asNone(await around.runs.interrupt(effect.runId)) };
    case 'permission.answer':
      return { outcome: asNone(around.runs.answer(effect)) };
    case 'run.stop':
      await around.runs.stop(effect.runId);
      return { outcome: NONE };
    case 'rig.connect':
      return { outcome: outcomeOf(await connect(around, effect)) };
    case 'merge.test':
      return { outcome: outcomeOf(await around.locks.run(`merge ${effect.mergeId}`, () => testMerge(around, effect))) };
    case 'merge.land':
      return {
        outcome: outcomeOf(
          await withMirror(around, effect, async (mirror) => {
            const landed = await land(around.git, around.remotes, mirror, effect.targetBranch, effect.baseCommit, effect.mergeCommit);
            return landed.ok ? { ok: true, value: { kind: 'landed', mergeCommit: effect.mergeCommit } } : landed;
          }),
        ),
      };
    case 'branch.delete':
      await around.runs.retireBranch(effect.rigId, effect.branch);
      return {
        outcome: outcomeOf(
          await withMirror(around, effect, async (mirror) => {
            const deleted = await deleteWorkBranch(around.git, around.remotes, mirror, effect.branch, effect.headCommit);
            if (deleted.ok) await dropRescues(around.git, around.remotes, mirror, effect.branch);
            await packMirror(around.git, mirror, around.now());
            return deleted.ok ? { ok: true, value: { kind: 'none' } } : deleted;
          }),
        ),
      };
  }
}

function connect(around: EffectSurroundings, effect: Extract<RunnerEffect, { kind: 'rig.connect' }>): Promise<Result<EffectValue>> {
  return withMirror(around, effect, async (mirror) => {
    const head = await around.mirrors.look(mirror);
    if (!head.ok) return head;
    const taken = await checkedOut(around.git, effect.gitUrl, head.value.defaultBranch);
    if (taken) return refuse(taken);
    const fetched = head.value.empty ? { ok: true as const } : await around.mirrors.fetch(mirror);
    return fetched.ok ? { ok: true, value: { kind: 'rig', ...head.value } } : fetched;
  });
}

/** Talks to one rig's repository, one at a time for each rig. */
function withMirror(
  around: EffectSurroundings,
  effect: Extract<RunnerEffect, { rigId: unknown; gitUrl: string }>,
  job: (mirror: Mirror) => Promise<Result<EffectValue>>,
): Promise<Result<EffectValue>> {
  return around.locks.run(effect.rigId, async () => {
    const opened = await around.mirrors.open(effect.rigId, effect.gitUrl);
    return opened.ok ? job(opened.value) : opened;
  });
}
