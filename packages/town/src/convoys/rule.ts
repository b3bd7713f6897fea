import { mustMove } from '../beads/status.ts';
import { holdMembers } from '../beads/membership.ts';
import { asBead } from '../ids.ts';
import { record } from '../ledger/store.ts';
import type { Tx } from '../tx.ts';
import { convoysById, updateConvoy, type Convoy } from './store.ts';

/** Has it beads, and are all of them closed? A failed one is not (CV-11). */
const isComplete = (convoy: Convoy): boolean => convoy.total > 0 && convoy.closed === convoy.total;

/** Rule: an open convoy lands when its last bead is closed, once; one that landed is open again when a bead of it is (CV-7, CV-10, CV-12, I11). */
export function settleConvoys(tx: Tx): void {
  if (tx.touched.convoys.size === 0) return;
  for (const convoy of convoysById(tx.sql, tx.touched.convoys)) {
    if (convoy.status === 'open' && isComplete(convoy)) land(tx, convoy);
    if (convoy.status === 'landed' && !isComplete(convoy)) reopenConvoy(tx, convoy);
  }
}

function land(tx: Tx, convoy: Convoy): void {
  updateConvoy(tx, convoy.id, { status: 'landed', landed_at: tx.now, paused: 0 });
  if (convoy.paused) holdMembers(tx, convoy.id, null);
  mustMove(tx, convoy.id, 'closed', { data: { reason: 'landed', beads: convoy.total } });
  record(tx, { type: 'convoy_landed', beadId: asBead(convoy.id), data: { beads: convoy.total } });
}

export function reopenConvoy(tx: Tx, convoy: Convoy): void {
  updateConvoy(tx, convoy.id, { status: 'open', landed_at: null });
  mustMove(tx, convoy.id, 'open', { data: { reason: 'reopened' } });
  record(tx, { type: 'convoy_reopened', beadId: asBead(convoy.id) });
}
