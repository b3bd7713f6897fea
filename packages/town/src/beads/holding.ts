import { failure, ok, refuse, type BeadId, type Result, type RigId } from '@gastown/protocol';
import { tooLate } from '../calendar.ts';
import { record } from '../ledger/store.ts';
import { findRig } from '../rigs/store.ts';
import { touch, type Tx } from '../tx.ts';
import { childrenOf, recountDeferredParents } from './blocking.ts';
import { findIssue, holdOfKind } from './commands.ts';
import { deferralsDue } from './ready.ts';
import { setHold } from './status.ts';
import { archivable, beadsById, findBead, updateBead, type Bead } from './store.ts';

/** What a person holds back, lets go, or puts out of sight. */
type Held = Result<{ beadId: BeadId }>;

export function deferIssue(tx: Tx, id: BeadId, until: number | null): Held {
  const found = findIssue(tx, id);
  if (!found.ok) return found;
  const late = tooLate('until', until);
  if (late) return refuse(late);
  const bead = found.value;
  if (bead.hold !== null && bead.hold !== 'deferred')
    return refuse(failure('illegal_transition', `${id} is held already (${bead.hold}); start it first.`, { beadId: id, hold: bead.hold }));
  setDeferral(tx, bead, until !== null && until > tx.now ? until : null);
  setHold(tx, bead, until === null ? 'deferred' : holdOfKind(bead.kind));
  return ok({ beadId: id });
}
export function pinIssue(tx: Tx, id: BeadId): Held {
  const found = findIssue(tx, id);
  if (!found.ok) return found;
  setHold(tx, found.value, 'pinned');
  return ok({ beadId: id });
}
/** Planned, whatever it was before it was a note: to unpin sends no agent to it. */
export function unpinIssue(tx: Tx, id: BeadId): Held {
  const found = findIssue(tx, id);
  if (!found.ok) return found;
  if (found.value.hold !== 'pinned') return refuse(failure('illegal_transition', `${id} is not pinned.`, { beadId: id }));
  setHold(tx, found.value, holdOfKind(found.value.kind) ?? 'staged');
  return ok({ beadId: id });
}
/**
 * What a person may let it go from, one step at a time: first what holds it (`hold`), and its date stays; then, or where it is only put off, the date. What
 * blocks it still does, and that it is no work.
 */
export function startIssue(tx: Tx, id: BeadId): Held {
  const found = findIssue(tx, id);
  if (!found.ok) return found;
  if (found.value.hold === 'not_work')
    return refuse(
      failure('illegal_transition', `${id} is a record of the kind ${found.value.kind}; give it another kind first.`, { beadId: id }),
    );
  const { hold, deferUntil, convoyId, convoyHold } = found.value;
  if (hold === null && deferUntil === null && convoyHold === 'staged')
    return refuse(
      failure('illegal_transition', `${id} is planned in the convoy ${convoyId}: start the convoy, or take the bead out of it.`, {
        beadId: id,
        convoyId,
      }),
    );
  if (hold === null || hold === 'deferred') setDeferral(tx, found.value, null);
  setHold(tx, found.value, holdOfKind(found.value.kind));
  return ok({ beadId: id });
}

/** Only what was planned; whatever else holds a bead still does. */
export function startStaged(tx: Tx, ids: readonly BeadId[]): number {
  const staged = ids.flatMap((id) => findBead(tx.sql, id) ?? []).filter((bead) => bead.hold === 'staged');
  for (const bead of staged) setHold(tx, bead, holdOfKind(bead.kind));
  return staged.length;
}

export function setDeferral(tx: Tx, bead: Bead, until: number | null): void {
  if (bead.deferUntil !== until) putOff(tx, bead.id, until);
}
function putOff(tx: Tx, id: string, until: number | null): void {
  updateBead(tx, id, { defer_until: until, updated_at: tx.now });
  record(tx, { type: until === null ? 'undeferred' : 'deferred', beadId: id, data: { set: { deferUntil: until } } });
  recountDeferredParents(tx, childrenOf(tx.sql, id));
}
/** Due work: what was put off until now, also what cannot be read: others may be a part of it (DM-15). */
export function endDeferrals(tx: Tx): void {
  for (const id of deferralsDue(tx.sql, tx.now)) putOff(tx, id, null);
}

/** Out of sight; nothing else about it changes (AR-4). */
export function archive(tx: Tx, wish: { beadIds?: BeadId[] | undefined; closedIn?: RigId | undefined }): Result<{ archived: number }> {
  if (!wish.beadIds && !wish.closedIn)
    return refuse(failure('invalid_input', 'beadIds or closedIn: say what to archive.', { field: 'beadIds' }));
  if (!wish.beadIds && !findRig(tx.sql, wish.closedIn!))
    return refuse(failure('unknown_rig', `There is no rig ${wish.closedIn}.`, { rigId: wish.closedIn! }));
  const ids = wish.beadIds ?? archivable(tx.sql, wish.closedIn!);
  const beads = beadsById(tx.sql, ids);
  const missing = ids.find((id) => !beads.some((bead) => bead.id === id));
  if (missing) return refuse(failure('unknown_bead', `There is no bead ${missing}.`, { beadId: missing }));
  const alive = beads.find((bead) => bead.status !== 'closed' && bead.status !== 'failed');
  if (alive) {
    return refuse(
      failure('illegal_transition', `Only what is closed or failed can be archived; ${alive.id} is ${alive.status}.`, {
        beadId: alive.id,
        from: alive.status,
      }),
    );
  }
  const fresh = beads.filter((bead) => bead.archivedAt === null);
  for (const bead of fresh) setShown(tx, bead, tx.now);
  return ok({ archived: fresh.length });
}
export function unarchive(tx: Tx, beadIds: readonly BeadId[]): Result<{ unarchived: number }> {
  const beads = beadsById(tx.sql, beadIds);
  const missing = beadIds.find((id) => !beads.some((bead) => bead.id === id));
  if (missing) return refuse(failure('unknown_bead', `There is no bead ${missing}.`, { beadId: missing }));
  const hidden = beads.filter((bead) => bead.archivedAt !== null);
  for (const bead of hidden) setShown(tx, bead, null);
  return ok({ unarchived: hidden.length });
}
/** A convoy is shown by a row of its own. */
function setShown(tx: Tx, { id, type }: Bead, archivedAt: number | null): void {
  setArchived(tx, id, archivedAt);
  if (type === 'convoy') touch(tx, 'convoys', id);
}
function setArchived(tx: Tx, beadId: BeadId, archivedAt: number | null): void {
  updateBead(tx, beadId, { archived_at: archivedAt });
  record(tx, { type: archivedAt === null ? 'unarchived' : 'archived', beadId, data: { set: { archivedAt } } });
}
