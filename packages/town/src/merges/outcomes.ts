import { failure, LIMITS, type Failure, type Outcome } from '@gastown/protocol';
import { mustMove } from '../beads/status.ts';
import { asBead } from '../ids.ts';
import { addEffect, effectsFor, removeEffect, type Effect } from '../outbox/store.ts';
import { tryAgain } from '../outbox/retry.ts';
import { doubtRig } from '../rigs/looks.ts';
import { updateRig } from '../rigs/store.ts';
import type { Tx } from '../tx.ts';
import { fitted, KEPT_OF_A_MERGE } from './outputs.ts';
import { lossesOf, mergeTarget, putBack } from './queue.ts';
import { findMerge, setPhase, type Merge } from './store.ts';

/** What the runner found: a tested tree, a landing, or why not. Nothing here believes an agent. */
export function mergeOutcome(tx: Tx, effect: Effect, outcome: Outcome): void {
  const merge = findMerge(tx.sql, effect.subject);
  if (merge?.phase !== (effect.kind === 'merge.test' ? 'testing' : 'landing')) return removeEffect(tx, effect);
  if (outcome.state === 'failed') {
    if (outcome.retry && tryAgain(tx, effect, outcome.failure)) return;
    removeEffect(tx, effect);
    return notMerged(tx, merge, outcome.failure);
  }
  removeEffect(tx, effect);
  const { value } = outcome;
  if (value.kind === 'landed') return landed(tx, merge, value.mergeCommit);
  if (value.kind !== 'tested' || merge.phase !== 'testing')
    return notMerged(tx, merge, failure('git_failed', `The runner answered ${value.kind} to a merge.`));
  const seen = {
    gates: JSON.stringify(fitted(value.gates, KEPT_OF_A_MERGE)),
    base_commit: value.baseCommit,
    merge_commit: value.mergeCommit,
  };
  if (!value.passed) return mergeFailed(tx, merge, value.failure ?? failure('gate_failed'), seen);
  setPhase(tx, merge, 'landing', seen);
  addEffect(tx, 'merge.land', mergeTarget(merge.id), merge.id, merge.runnerId);
}

/**
 * A target that moved, or a tested result that was lost with its disk, is built again from the present head, and keeps its place; so is what finds its target gone, when its rig has one again. Anything else is for
 * a rework or a person.
 */
function notMerged(tx: Tx, merge: Merge, why: Failure): void {
  const lost = merge.phase === 'landing' && why.code === 'branch_missing';
  if (why.code !== 'target_moved' && why.code !== 'target_missing' && !lost) return mergeFailed(tx, merge, why, {});
  if (why.code === 'target_missing') doubtRig(tx, merge.rigId, { ...why, details: { target: merge.targetBranch } });
  setPhase(tx, merge, 'queued', { failure: JSON.stringify(why) });
}
export function mergeFailed(tx: Tx, merge: Merge, why: Failure, seen: Parameters<typeof setPhase>[3] = {}): void {
  setPhase(tx, merge, 'failed', { ...seen, failure: JSON.stringify(why) });
  mustMove(tx, asBead(merge.id), 'failed', { failure: { ...why, source: 'refinery' } });
}

/** The machine that had it is gone: another builds and tests it anew. What takes runner after runner down with it is not tried for ever (I8); where nobody had begun it, nothing did. */
export function mergeLostItsRunner(tx: Tx, merge: Merge): void {
  const begun = effectsFor(tx.sql, mergeTarget(merge.id)).some((effect) => effect.handed > 0);
  if (!begun) return putBack(tx, merge);
  const losses = lossesOf(merge) + 1;
  if (losses >= LIMITS.effectAttempts.value)
    return mergeFailed(tx, merge, failure('runner_unavailable', `${losses} runners in a row were lost while they had this merge.`));
  const times = losses === 1 ? 'Its runner was' : `${losses} runners in a row were`;
  putBack(tx, merge, failure('runner_lost', `${times} lost; it is built and tested anew.`, { losses }));
}

function landed(tx: Tx, merge: Merge, mergeCommit: string): void {
  setPhase(tx, merge, 'landed', { merge_commit: mergeCommit, landed_at: tx.now, failure: null });
  mustMove(tx, asBead(merge.id), 'closed', { data: { commit: mergeCommit } });
  updateRig(tx, merge.rigId, { empty: 0 });
  addEffect(tx, 'branch.delete', mergeTarget(merge.id), merge.id, merge.runnerId);
}
