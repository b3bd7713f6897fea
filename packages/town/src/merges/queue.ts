import { failure, type Failure, type MergeId, type Result, ok, refuse } from '@gastown/protocol';
import { mustMove } from '../beads/status.ts';
import { createBead } from '../beads/create.ts';
import { findBead } from '../beads/store.ts';
import { theTown } from '../config/store.ts';
import { closeEscalationsOf } from '../escalations/commands.ts';
import { HOLDS_MERGES, rigGate, townGate } from '../gates.ts';
import { asBead, newMergeId } from '../ids.ts';
import { addEffect, dropEffects } from '../outbox/store.ts';
import { findRig } from '../rigs/store.ts';
import { place, withOneMore } from '../runners/placing.ts';
import { placeables } from '../runners/view.ts';
import { liveRunOfBead } from '../runs/store.ts';
import { packed } from '../sql.ts';
import type { Tx } from '../tx.ts';
import { dropOldOutput } from './outputs.ts';
import { busyLanes, findMerge, frontOf, insertMerge, isNewest, laneQueue, retarget, setPhase, type Merge, type NewMerge } from './store.ts';

/** Merge requests wait in one line for each rig and target branch; only the front is built, so what lands is what passed (I5). */
export const mergeTarget = (mergeId: string): string => `merge:${mergeId}`;

export function submitMerge(tx: Tx, merge: Omit<NewMerge, 'id'>, title: string): MergeId {
  const id = newMergeId(tx);
  createBead(
    tx,
    {
      id: asBead(id),
      type: 'merge_request',
      title,
      body: '',
      rigId: merge.rigId,
      parentId: merge.beadId,
      assigneeId: merge.agentId,
      priority: 'medium',
      labels: [],
      createdBy: 'town',
    },
    { type: 'review_submitted', agentId: merge.agentId, data: { source: merge.beadId, branch: merge.branch } },
  );
  insertMerge(tx, { ...merge, id });
  dropOldOutput(tx);
  return id;
}

/** Rule: the front of each lane is under test, as many at once as the runners can take, the oldest first. A paused town, or one without its runner or rig, starts nothing new. */
export function advanceLanes(tx: Tx): void {
  followTargets(tx);
  const fronts = busyLanes(tx.sql)
    .map((lane) => frontOf(tx.sql, lane))
    .filter((front) => front?.phase === 'queued');
  const waiting = fronts.filter((front) => front !== null && !heldBack(tx, front)) as Merge[];
  if (waiting.length === 0) return;
  let runners = placeables(tx.sql, true);
  for (const front of waiting.toSorted((a, b) => a.createdAt - b.createdAt)) {
    const runnerId = place(runners, front.rigId, 'test');
    if (runnerId === null) continue;
    runners = withOneMore(runners, runnerId, 'test');
    setPhase(tx, front, 'testing', { builds: front.builds + 1, runner_id: runnerId, ...(lossesOf(front) === 0 && { failure: null }) });
    if (findBead(tx.sql, front.id)?.status === 'open') mustMove(tx, asBead(front.id), 'in_progress');
    addEffect(tx, 'merge.test', mergeTarget(front.id), front.id, runnerId);
  }
}
/** A line whose front found its target gone waits for the branch that its rig lands on now: it was renamed, and a person said so. */
function followTargets(tx: Tx): void {
  for (const lane of busyLanes(tx.sql)) {
    const front = frontOf(tx.sql, lane);
    if (front?.phase !== 'queued' || front.failure?.code !== 'target_missing') continue;
    const target = findRig(tx.sql, front.rigId)?.defaultBranch ?? front.targetBranch;
    if (target !== front.targetBranch) for (const merge of laneQueue(tx.sql, lane)) retarget(tx, merge, target);
  }
}
/** Its runner has let go of it, or never had it: built and tested anew. */
export function putBack(tx: Tx, merge: Merge, why: Failure | null = merge.failure): void {
  dropEffects(tx, mergeTarget(merge.id));
  setPhase(tx, merge, 'queued', { failure: packed(why) });
}
/** Runners in a row that were lost while they had it. Its reason stays with it, with this number, until something else becomes of it. */
export const lossesOf = ({ failure: why }: Merge): number => (why?.code === 'runner_lost' ? Number(why.details?.['losses'] ?? 0) : 0);
function heldBack(tx: Tx, merge: Merge): boolean {
  if (rigGate(findRig(tx.sql, merge.rigId))) return true;
  const gate = townGate(tx.sql, theTown(tx.sql));
  return gate !== null && HOLDS_MERGES.includes(gate.code);
}

/** A person puts a failed merge back in line, behind what waits there. */
export function retryMerge(tx: Tx, id: string): Result<{ mergeId: string }> {
  const merge = findMerge(tx.sql, id);
  if (!merge) return refuse(failure('unknown_merge', `There is no merge request ${id}.`));
  const refused = (now: string) =>
    refuse(failure('illegal_transition', `Only the last merge of a waiting bead can be retried after it failed; ${id} is ${now}.`));
  if (merge.phase !== 'failed') return refused(merge.phase);
  if (!isNewest(tx.sql, merge)) return refused('replaced by a newer one');
  const bead = findBead(tx.sql, merge.beadId);
  if (!bead) return refused('over: its bead is gone');
  if (bead.status === 'closed') return refused('over: its bead is closed');
  if (liveRunOfBead(tx.sql, bead.id)) return refused('of a bead that its agent still has');
  setPhase(tx, merge, 'queued', { failure: null });
  mustMove(tx, asBead(merge.id), 'open', { data: { retry: true } });
  if (bead.status !== 'in_review') mustMove(tx, bead.id, 'in_review', { data: { mergeId: id } });
  closeEscalationsOf(tx, bead.id);
  return ok({ mergeId: id });
}
