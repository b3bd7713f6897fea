import {
  failure,
  LIMITS,
  ok,
  RECORD_KINDS,
  refuse,
  type BeadId,
  type ConvoyId,
  type Hold,
  type Priority,
  type Result,
  type RigId,
} from '@gastown/protocol';
import { actorLabel } from '../actors.ts';
import { tooLate } from '../calendar.ts';
import { closeEscalationsOf } from '../escalations/commands.ts';
import { newBeadId } from '../ids.ts';
import { record } from '../ledger/store.ts';
import { toldAgainSince } from '../messages/store.ts';
import { findRig } from '../rigs/store.ts';
import type { Tx } from '../tx.ts';
import { textMark } from '../hash.ts';
import { createBead } from './create.ts';
import { holdsBy, partsChanged, refreshBlocked } from './blocking.ts';
import { dependenciesExist, insertEdges, newPartAwaits } from './dependencies.ts';
import { readyBefore } from './ready.ts';
import { mustMove, setHold } from './status.ts';
import { findBead, issueOf, rankOf, sameTitle, titledSince, updateBead, updateIssue, type Bead, type ConvoyHold } from './store.ts';

export interface NewIssue {
  readonly rigId: RigId;
  readonly title: string;
  readonly body?: string | undefined;
  readonly priority?: Priority | undefined;
  readonly labels?: string[] | undefined;
  readonly metadata?: unknown;
  readonly dependsOn?: BeadId[] | undefined;
  readonly parentId?: BeadId | undefined;
  readonly workKind?: string | undefined;
  readonly deferUntil?: number | undefined;
  readonly staged?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly force?: boolean | undefined;
  /** Only from the convoys slice: it is born a member. */
  readonly convoy?: { readonly id: ConvoyId; readonly place: number; readonly hold: ConvoyHold | null } | undefined;
}
export interface CreatedIssue {
  readonly beadId: BeadId;
  /** Beads of the rig that go first, counted up to `COUNTED`; null while it waits for other beads, for a time or for a start. */
  readonly ahead: number | null;
}

/** One bead in line; no agent is made or named here (RC-12). */
export function createIssue(tx: Tx, issue: NewIssue): Result<CreatedIssue> {
  const checked = checkIssue(tx, issue);
  if (!checked.ok) return checked;
  const { beadId, waits } = insertIssue(tx, issue, checked.value);
  return ok({ beadId, ahead: waits ? null : readyBefore(tx.sql, issue.rigId, rankOf(issue.priority ?? NORMAL), tx.now) });
}
const NORMAL: Priority = 'medium';

/** What it depends on and belongs to, or why it may not be made. Reads only. */
export function checkIssue(tx: Tx, issue: NewIssue): Result<Bead[]> {
  const rig = findRig(tx.sql, issue.rigId);
  if (!rig || rig.state === 'removed') return refuse(failure('unknown_rig', `There is no rig ${issue.rigId}.`, { rigId: issue.rigId }));
  const late = tooLate('deferUntil', issue.deferUntil);
  if (late) return refuse(late);
  const dependsOn = [...new Set(issue.dependsOn ?? [])];
  const known = dependenciesExist(tx.sql, [...dependsOn, ...(issue.parentId ? [issue.parentId] : [])]);
  if (!known.ok) return known;
  if (issue.parentId && dependsOn.includes(issue.parentId))
    return refuse(failure('dependency_exists', `${issue.parentId} cannot be both its parent and what it waits for.`));
  if (issue.parentId && newPartAwaits(tx.sql, [issue.parentId, ...dependsOn], issue.parentId))
    return refuse(
      failure('dependency_cycle', `It could never start: it would wait for a bead that waits for the parts of ${issue.parentId}.`, {
        dependsOn: issue.parentId,
      }),
    );
  const twin = issue.force ? undefined : identical(tx, issue);
  if (twin) {
    return refuse(failure('duplicate_bead', `${twin.id} has the same title and text and is ${twin.status}.`, { beadId: twin.id }));
  }
  return known;
}

/** An issue that was checked, with the beads that it names. `waits`: for other beads, for a time or for a start; what its convoy does to it is the convoy's to say. */
export function insertIssue(tx: Tx, issue: NewIssue, known: readonly Bead[]): { beadId: BeadId; waits: boolean } {
  const dependsOn = [...new Set(issue.dependsOn ?? [])];
  const id = newBeadId(tx);
  const parent = known.find((bead) => bead.id === issue.parentId);
  const blockers = known.filter((bead) => bead !== parent && holdsBy('blocks', bead)).length;
  const kind = issue.workKind ?? 'task';
  const hold = issue.staged ? 'staged' : holdOfKind(kind);
  const deferUntil = issue.deferUntil !== undefined && issue.deferUntil > tx.now ? issue.deferUntil : null;
  const priority = issue.priority ?? NORMAL;
  const blocked = blockers > 0 || (parent?.blocked ?? false);
  const deferredParents = parent?.deferUntil ? 1 : 0;
  const bead = {
    id,
    type: 'issue',
    title: issue.title,
    body: issue.body ?? '',
    rigId: issue.rigId,
    parentId: null,
    assigneeId: null,
    priority,
    labels: issue.labels ?? [],
    createdBy: actorLabel(tx),
    metadata: issue.metadata,
    kind,
    hold,
    deferUntil,
    blockers,
    blocked,
    deferredParents,
    ...(issue.convoy && { convoyId: issue.convoy.id, convoyPlace: issue.convoy.place, convoyHold: issue.convoy.hold }),
  } as const;
  createBead(tx, bead, {
    type: 'created',
    data: { title: issue.title, ...(dependsOn.length > 0 && { dependsOn }), ...(parent && { parent: parent.id }) },
  });
  insertEdges(tx, id, dependsOn, 'blocks');
  if (parent) insertEdges(tx, id, [parent.id], 'parent-child');
  if (issue.timeoutMs !== undefined) updateIssue(tx, id, { timeout_ms: issue.timeoutMs });
  if (parent) refreshBlocked(tx, partsChanged(tx, [parent.id]));
  return { beadId: id, waits: blocked || hold !== null || deferUntil !== null || deferredParents > 0 };
}
/** Records of other tools are no work. */
export const holdOfKind = (kind: string): Hold | null => ((RECORD_KINDS as readonly string[]).includes(kind) ? 'not_work' : null);

/** The same wish, made a moment ago and not finished; or made for a message that this agent was told again, whatever became of it (MY-13). */
function identical(tx: Tx, issue: NewIssue): Bead | undefined {
  const same = (bead: Bead): boolean => bead.body === (issue.body ?? '');
  const open = sameTitle(tx.sql, issue.rigId, issue.title).find(
    (bead) => bead.status !== 'failed' && same(bead) && tx.now - bead.createdAt < LIMITS.duplicateSlingMs.value,
  );
  const toldAt = tx.actor.kind === 'agent' ? toldAgainSince(tx.sql, tx.actor.id) : null;
  if (open || toldAt === null) return open;
  const maker = actorLabel(tx);
  return titledSince(tx.sql, issue.rigId, issue.title, toldAt).find((bead) => bead.createdBy === maker && same(bead));
}

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
  readonly workKind?: string | undefined;
  readonly timeoutMs?: number | null | undefined;
}
/** `changed`: false when nothing was to be done, for it is so already; then nothing was written and the ledger has nothing to tell. */
export interface Changed {
  readonly beadId: BeadId;
  readonly changed: boolean;
}
/** Only what is given and is otherwise now changes; the ledger has it as it is then, long texts by their mark. */
export function changeIssue(tx: Tx, change: IssueChange): Result<Changed> {
  const found = findIssue(tx, change.beadId);
  if (!found.ok) return found;
  const beadId = found.value.id;
  const { title, body, rank, labels, kind, timeoutMs } = newsOf(tx, found.value, change);
  const set = {
    ...(title !== undefined && { title }),
    ...(body !== undefined && { body: textMark(body) }),
    ...(rank !== undefined && { rank }),
    ...(labels !== undefined && { labels }),
    ...(kind !== undefined && { kind }),
  };
  const fields = [...Object.keys(set), ...(timeoutMs !== undefined ? ['timeoutMs'] : [])];
  if (fields.length === 0) return ok({ beadId, changed: false });
  updateBead(tx, beadId, {
    ...(title !== undefined && { title }),
    ...(body !== undefined && { body }),
    ...(rank !== undefined && { rank }),
    ...(labels !== undefined && { labels: JSON.stringify(labels) }),
    ...(kind !== undefined && { kind }),
    updated_at: tx.now,
  });
  if (timeoutMs !== undefined) updateIssue(tx, beadId, { timeout_ms: timeoutMs });
  record(tx, { type: 'edited', beadId, data: { fields, set } });
  if (kind !== undefined && (found.value.hold === null || found.value.hold === 'not_work'))
    setHold(tx, { ...found.value, kind }, holdOfKind(kind));
  return ok({ beadId, changed: true });
}
/** What of a change is otherwise than it is. */
function newsOf(tx: Tx, bead: Bead, { title, body, priority, labels, workKind, timeoutMs }: IssueChange) {
  const news = <T>(says: T | undefined, is: T): T | undefined => (JSON.stringify(says) === JSON.stringify(is) ? undefined : says);
  return {
    title: news(title, bead.title),
    body: news(body, bead.body),
    rank: priority === undefined || priority === bead.priority ? undefined : rankOf(priority),
    labels: news(labels, bead.labels),
    kind: news(workKind, bead.kind),
    timeoutMs: timeoutMs === undefined ? undefined : news(timeoutMs, issueOf(tx.sql, bead.id).timeoutMs),
  };
}

/** A fresh start: attempts forgotten, back in line. What is open already only forgets what failed and its waiting time, if there is any. */
export function retryIssue(tx: Tx, id: string): Result<Changed> {
  const found = findIssue(tx, id);
  if (!found.ok) return found;
  const bead = found.value;
  if (bead.status !== 'failed' && bead.status !== 'open') {
    return refuse(
      failure('illegal_transition', `Only a bead that failed or waits can be retried; ${id} is ${bead.status}.`, { from: bead.status }),
    );
  }
  const { attempts, starts, failure: why } = issueOf(tx.sql, id);
  if (bead.status === 'open' && attempts === 0 && starts === 0 && why === null && bead.retryAt === null)
    return ok({ beadId: bead.id, changed: closeEscalationsOf(tx, id) > 0 });
  updateIssue(tx, id, { attempts: 0, starts: 0, failure: null });
  if (bead.status === 'failed') mustMove(tx, id, 'open', { data: { retry: true } });
  else {
    updateBead(tx, id, { retry_at: null });
    record(tx, { type: 'retried', beadId: bead.id, data: { attempts, starts } });
  }
  closeEscalationsOf(tx, id);
  return ok({ beadId: bead.id, changed: true });
}
