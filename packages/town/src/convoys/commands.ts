import { failure, ok, refuse, type BeadId, type ConvoyId, type ConvoyStatus, type MergeMode, type Result } from '@gastown/protocol';
import { actorLabel } from '../actors.ts';
import { createBead } from '../beads/create.ts';
import { archive } from '../beads/holding.ts';
import { holdMembers, membersOf } from '../beads/membership.ts';
import { setHold } from '../beads/status.ts';
import { findBead, updateBead, type NewBead } from '../beads/store.ts';
import { theTown } from '../config/store.ts';
import { convoyHold } from '../gates.ts';
import { asBead, newConvoyId } from '../ids.ts';
import { record } from '../ledger/store.ts';
import type { Tx } from '../tx.ts';
import { addMembers, checkMembers, takeOut, type Wanted } from './members.ts';
import { reopenConvoy } from './rule.ts';
import { findConvoy, insertConvoy, touchConvoy, updateConvoy, type Convoy } from './store.ts';

/** A batch of beads that belong together. What a person or the Mayor does to it; what follows from its beads is rule.ts. */
export interface NewConvoy extends Wanted {
  readonly title: string;
  readonly staged?: boolean | undefined;
  readonly mergeMode?: MergeMode | undefined;
}
export interface ConvoyAnswer {
  readonly convoyId: ConvoyId;
  readonly status: ConvoyStatus;
}

export function theConvoy(tx: Tx, id: string): Result<Convoy> {
  const convoy = findConvoy(tx.sql, id);
  return convoy ? ok(convoy) : refuse(failure('unknown_convoy', `There is no convoy ${id}.`, { convoyId: id }));
}
const answer = (tx: Tx, convoyId: ConvoyId): ConvoyAnswer => ({ convoyId, status: findConvoy(tx.sql, convoyId)?.status ?? 'open' });
const isOver = (convoy: Convoy): boolean => convoy.status === 'landed' || convoy.status === 'cancelled';

/** Landing all beads together on one branch is not offered yet; saying so is better than doing the other thing. */
function checkMode(mode: MergeMode | undefined): Result<MergeMode> {
  return mode === 'review-then-land'
    ? refuse(
        failure(
          'invalid_input',
          'merge_mode: review-then-land is not offered yet; use review-and-merge, which lands each bead by itself.',
          {
            field: 'merge_mode',
          },
        ),
      )
    : ok('review-and-merge');
}

/** All of it or nothing (CV-2). */
export function createConvoy(tx: Tx, wish: NewConvoy): Result<ConvoyAnswer & { beadIds: BeadId[] }> {
  const mode = checkMode(wish.mergeMode);
  if (!mode.ok) return mode;
  const members = checkMembers(tx, wish, null);
  if (!members.ok) return members;
  if (members.value.beads.length + members.value.tasks.length === 0)
    return refuse(failure('invalid_input', 'beadIds or tasks: a convoy needs at least one bead.', { field: 'tasks' }));
  const id = newConvoyId(tx);
  const status = (wish.staged ?? theTown(tx.sql).stagedConvoysDefault) ? 'staged' : 'open';
  const bead: NewBead = {
    id: asBead(id),
    type: 'convoy',
    title: wish.title,
    body: '',
    rigId: null,
    parentId: null,
    assigneeId: null,
    priority: 'medium',
    labels: [],
    createdBy: actorLabel(tx),
  };
  createBead(tx, bead, { type: 'convoy_created', data: { title: wish.title, staged: status === 'staged' } });
  insertConvoy(tx, id, status, mode.value);
  const beadIds = addMembers(tx, findConvoy(tx.sql, id)!, members.value);
  return ok({ ...answer(tx, id), beadIds });
}

/** Lets go exactly what the convoy held (CV-16). Twice is once. */
export function startConvoy(tx: Tx, id: ConvoyId): Result<ConvoyAnswer> {
  const found = theConvoy(tx, id);
  if (!found.ok) return found;
  if (isOver(found.value)) return refuse(failure('convoy_over', `${id} is ${found.value.status}; there is nothing to start.`));
  if (found.value.status === 'staged') {
    updateConvoy(tx, id, { status: 'open' });
    holdAnew(tx, id);
    record(tx, { type: 'convoy_started', beadId: asBead(id) });
  }
  return ok(answer(tx, id));
}
function holdAnew(tx: Tx, id: ConvoyId): void {
  const convoy = findConvoy(tx.sql, id);
  if (convoy) holdMembers(tx, id, convoyHold(convoy));
}

/** In a staged convoy it waits with the others, in an open one it gets in line, and one that is over opens again (CV-12). */
export function addToConvoy(tx: Tx, id: ConvoyId, wanted: Wanted): Result<ConvoyAnswer & { beadIds: BeadId[] }> {
  const found = theConvoy(tx, id);
  if (!found.ok) return found;
  const members = checkMembers(tx, wanted, found.value);
  if (!members.ok) return members;
  const { beads, tasks } = members.value;
  if (found.value.status === 'cancelled' && beads.length + tasks.length > 0) reopenConvoy(tx, found.value);
  const beadIds = addMembers(tx, findConvoy(tx.sql, id)!, members.value);
  return ok({ ...answer(tx, id), beadIds });
}

/** The bead stays as it is. What was only planned stays planned: leaving is not starting. */
export function removeFromConvoy(tx: Tx, id: ConvoyId, beadId: BeadId): Result<ConvoyAnswer> {
  const found = theConvoy(tx, id);
  if (!found.ok) return found;
  const bead = findBead(tx.sql, beadId);
  if (bead?.convoyId !== id) return refuse(failure('bead_not_in_convoy', `${beadId} does not belong to ${id}.`, { beadId, convoyId: id }));
  if (isOver(found.value)) return refuse(failure('convoy_over', `${id} is ${found.value.status}; its beads stay with it.`));
  takeOut(tx, bead);
  if (bead.convoyHold === 'staged' && bead.hold === null && bead.status === 'open') setHold(tx, findBead(tx.sql, beadId)!, 'staged');
  return ok(answer(tx, id));
}

export function changeConvoy(
  tx: Tx,
  id: ConvoyId,
  change: { readonly title?: string | undefined; readonly mergeMode?: MergeMode | undefined },
): Result<ConvoyAnswer> {
  const found = theConvoy(tx, id);
  const mode = checkMode(change.mergeMode);
  if (!found.ok || !mode.ok) return found.ok ? (mode as Result<never>) : found;
  if (change.mergeMode !== undefined && found.value.mergeMode !== mode.value) updateConvoy(tx, id, { merge_mode: mode.value });
  if (change.title !== undefined) {
    updateBead(tx, id, { title: change.title, updated_at: tx.now });
    touchConvoy(tx, id);
    record(tx, { type: 'edited', beadId: asBead(id), data: { fields: ['title'], set: { title: change.title } } });
  }
  return ok(answer(tx, id));
}

/** Nothing new of it starts; what runs goes on, and what is handed in is landed. */
export function pauseConvoy(tx: Tx, id: ConvoyId, paused: boolean): Result<ConvoyAnswer & { paused: boolean }> {
  const found = theConvoy(tx, id);
  if (!found.ok) return found;
  if (paused && isOver(found.value)) return refuse(failure('convoy_over', `${id} is ${found.value.status}; there is nothing to pause.`));
  if (found.value.paused !== paused) {
    updateConvoy(tx, id, { paused: paused ? 1 : 0 });
    holdAnew(tx, id);
    record(tx, { type: paused ? 'convoy_paused' : 'convoy_resumed', beadId: asBead(id) });
  }
  return ok({ ...answer(tx, id), paused });
}

/** With all its beads, of those that are not out of sight already (AR-3). */
export function archiveConvoy(tx: Tx, id: ConvoyId): Result<{ archived: number }> {
  const found = theConvoy(tx, id);
  if (!found.ok) return found;
  if (!isOver(found.value))
    return refuse(failure('convoy_open', `Only a convoy that is over can be archived; ${id} is ${found.value.status}.`, { convoyId: id }));
  return archive(tx, { beadIds: withMembers(tx, [asBead(id)]) });
}

/** A convoy goes out of sight, and comes back, with all its beads (AR-3). */
export const withMembers = (tx: Tx, ids: readonly BeadId[]): BeadId[] => [
  ...new Set(ids.flatMap((id) => [id, ...(findBead(tx.sql, id)?.type === 'convoy' ? membersOf(tx.sql, id).map((bead) => bead.id) : [])])),
];
