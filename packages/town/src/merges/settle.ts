import { failure, type Failure } from '@gastown/protocol';
import { mustMove } from '../beads/status.ts';
import { findBead, issueOf, updateIssue, type Bead } from '../beads/store.ts';
import { escalate } from '../escalations/commands.ts';
import { dropEffects } from '../outbox/store.ts';
import { chargeAttempt } from '../runs/settle.ts';
import { findRun, liveRunOfBead, type Run } from '../runs/store.ts';
import type { Tx } from '../tx.ts';
import { isForAgent } from './mending.ts';
import { mergeFailed } from './outcomes.ts';
import { mergeTarget } from './queue.ts';
import { busyLanes, findMerge, isNewest, lastMergeOf, queuedMergesOf, type Merge } from './store.ts';

/** Rule: what follows for the bead from a merge that landed or failed, and for a merge from a bead that was taken away. */
export function settleMerges(tx: Tx): void {
  for (const id of tx.ended) {
    const merge = findMerge(tx.sql, id);
    if (merge?.phase === 'landed') settleLanded(tx, merge);
    else if (merge) settleFailed(tx, merge);
    else settleRework(tx, findRun(tx.sql, id));
  }
  if (busyLanes(tx.sql).length === 0) return;
  for (const merge of queuedMergesOf(tx.sql, tx.touched.beads)) dropTakenAway(tx, merge);
}

/** The bead that waits for this very merge. */
function beadInReview(tx: Tx, merge: Merge): Bead | null {
  const bead = findBead(tx.sql, merge.beadId);
  return bead?.status === 'in_review' && isNewest(tx.sql, merge) ? bead : null;
}

/** What is on the target branch is done, whatever became of the bead meanwhile; a run at work on it is left alone (ST-8). */
function settleLanded(tx: Tx, merge: Merge): void {
  if (!beadInReview(tx, merge)) return;
  mustMove(tx, merge.beadId, 'closed', { data: { mergeId: merge.id, commit: merge.mergeCommit } });
  if (issueOf(tx.sql, merge.beadId).failure) updateIssue(tx, merge.beadId, { failure: null });
}

function settleFailed(tx: Tx, merge: Merge): void {
  dropEffects(tx, mergeTarget(merge.id));
  const bead = beadInReview(tx, merge);
  const why = merge.failure ?? failure('git_failed');
  if (!bead) return;
  if (isForAgent(why)) return rework(tx, merge, why);
  const message = `${bead.title} cannot be merged: ${why.message}`;
  escalate(tx, { beadId: bead.id, rigId: bead.rigId, agentId: merge.agentId, severity: 'high', category: 'failed', message });
}

/** The agent may still be in the turn in which it handed in: the bead is reopened when that run has ended. */
function rework(tx: Tx, merge: Merge, why: Failure): void {
  if (!liveRunOfBead(tx.sql, merge.beadId)) chargeAttempt(tx, issueOf(tx.sql, merge.beadId), why);
}
function settleRework(tx: Tx, run: Run | null): void {
  const merge = run && lastMergeOf(tx.sql, run.beadId ?? '');
  if (merge?.failure && isForAgent(merge.failure) && beadInReview(tx, merge)) rework(tx, merge, merge.failure);
}

/** A person moved the bead out of review: its merge is not wanted any more, unless it is being landed at this moment. */
function dropTakenAway(tx: Tx, merge: Merge): void {
  const status = findBead(tx.sql, merge.beadId)?.status;
  if (status === 'in_review' || merge.phase === 'landing') return;
  mergeFailed(tx, merge, failure('stopped_by_person'));
}
