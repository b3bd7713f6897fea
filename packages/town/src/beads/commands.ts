import { failure, LIMITS, ok, refuse, type BeadId, type Priority, type Result, type RigId } from '@gastown/protocol';
import { actorLabel } from '../actors.ts';
import { closeEscalationsOf } from '../escalations/commands.ts';
import { newBeadId } from '../ids.ts';
import { record } from '../ledger/store.ts';
import { findRig } from '../rigs/store.ts';
import type { Tx } from '../tx.ts';
import { dependenciesExist, insertEdges } from './dependencies.ts';
import { readyBefore } from './ready.ts';
import { mustMove } from './status.ts';
import { findBead, insertBead, issueOf, rankOf, sameTitle, touchBead, updateBead, updateIssue, type Bead } from './store.ts';

export interface NewIssue {
  readonly rigId: RigId;
  readonly title: string;
  readonly body?: string | undefined;
  readonly priority?: Priority | undefined;
  readonly labels?: string[] | undefined;
  readonly metadata?: unknown;
  readonly dependsOn?: BeadId[] | undefined;
  readonly force?: boolean | undefined;
}
export interface CreatedIssue {
  readonly beadId: BeadId;
  /** Ready beads of the rig that go first, counted up to `COUNTED`; null while it waits for other beads. */
  readonly ahead: number | null;
}

/** One bead in line; no agent is made or named here (RC-12). */
export function createIssue(tx: Tx, issue: NewIssue): Result<CreatedIssue> {
  const rig = findRig(tx.sql, issue.rigId);
  if (!rig || rig.state === 'removed') return refuse(failure('unknown_rig', `There is no rig ${issue.rigId}.`, { rigId: issue.rigId }));
  const dependsOn = [...new Set(issue.dependsOn ?? [])];
  const known = dependenciesExist(tx.sql, dependsOn);
  if (!known.ok) return known;
  const twin = issue.force ? undefined : identical(tx, issue);
  if (twin) {
    return refuse(failure('duplicate_bead', `${twin.id} has the same title and text and is ${twin.status}.`, { beadId: twin.id }));
  }
  const id = newBeadId(tx);
  const blockers = known.value.filter((bead) => bead.status !== 'closed').length;
  const priority = issue.priority ?? 'medium';
  insertBead(tx, {
    id,
    type: 'issue',
    title: issue.title,
    body: issue.body ?? '',
    rigId: rig.id,
    parentId: null,
    assigneeId: null,
    priority,
    labels: issue.labels ?? [],
    createdBy: actorLabel(tx),
    metadata: issue.metadata ?? {},
    blockers,
  });
  insertEdges(tx, id, dependsOn, 'blocks');
  record(tx, { type: 'created', beadId: id, after: 'open', data: { title: issue.title, ...(dependsOn.length > 0 && { dependsOn }) } });
  return ok({ beadId: id, ahead: blockers > 0 ? null : readyBefore(tx.sql, rig.id, rankOf(priority), tx.now) });
}

/** The same wish, made a moment ago and not finished (MY-13). */
const identical = (tx: Tx, issue: NewIssue): Bead | undefined =>
  sameTitle(tx.sql, issue.rigId, issue.title).find(
    (bead) => bead.status !== 'failed' && bead.body === (issue.body ?? '') && tx.now - bead.createdAt < LIMITS.duplicateSlingMs.value,
  );

export function findIssue(tx: Tx, id: string): Result<Bead> {
  const bead = findBead(tx.sql, id);
  return bead?.type === 'issue' ? ok(bead) : refuse(failure('unknown_bead', `There is no bead ${id}.`, { beadId: id }));
}

export interface IssueChange {
  readonly beadId: BeadId;
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly priority?: Priority | undefined;
  readonly labels?: string[] | undefined;
}
export function changeIssue(tx: Tx, change: IssueChange): Result<{ beadId: BeadId }> {
  const found = findIssue(tx, change.beadId);
  if (!found.ok) return found;
  updateBead(tx, change.beadId, {
    ...(change.title !== undefined && { title: change.title }),
    ...(change.body !== undefined && { body: change.body }),
    ...(change.priority !== undefined && { rank: rankOf(change.priority) }),
    ...(change.labels !== undefined && { labels: JSON.stringify(change.labels) }),
    updated_at: tx.now,
  });
  const fields = Object.keys(change).filter((key) => key !== 'beadId' && key !== 'kind');
  record(tx, { type: 'edited', beadId: change.beadId, data: { fields } });
  return ok({ beadId: change.beadId });
}

/** A fresh start: attempts forgotten, back in line. What is open already only forgets its waiting time. */
export function retryIssue(tx: Tx, id: string): Result<{ beadId: string }> {
  const found = findIssue(tx, id);
  if (!found.ok) return found;
  const bead = found.value;
  if (bead.status !== 'failed' && bead.status !== 'open') {
    return refuse(
      failure('illegal_transition', `Only a bead that failed or waits can be retried; ${id} is ${bead.status}.`, { from: bead.status }),
    );
  }
  const issue = issueOf(tx.sql, id);
  if (issue.attempts > 0 || issue.starts > 0 || issue.failure) updateIssue(tx, id, { attempts: 0, starts: 0, failure: null });
  if (bead.status === 'failed') mustMove(tx, id, 'open', { data: { retry: true } });
  else if (bead.retryAt !== null) updateBead(tx, id, { retry_at: null });
  closeEscalationsOf(tx, id);
  touchBead(tx, id);
  return ok({ beadId: id });
}
