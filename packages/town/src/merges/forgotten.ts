import { beadsById } from '../beads/store.ts';
import { askedAboutSince } from '../escalations/store.ts';
import { lastMoveOf } from '../ledger/store.ts';
import { touch, type Tx } from '../tx.ts';
import { isForAgent } from './mending.ts';
import { beadsOfNewestMerges, lastMergeOf, queuedMerges, type Merge } from './store.ts';

/** As many merges are looked at as could have ended while the rule was broken. */
const LOOKED_BACK = 300;

/**
 * Merges whose end had no consequences, because the rule that draws them was broken then and left out (RC-15): the bead still waits for a merge that is
 * over, or a merge stays in line whose bead was taken away. Looked for when a runner says hello, as it does to every new version of the town.
 */
export function rememberMerges(tx: Tx): void {
  const queued = new Set(queuedMerges(tx.sql).map(({ beadId }) => beadId));
  for (const { id, status } of beadsById(tx.sql, [...beadsOfNewestMerges(tx.sql, LOOKED_BACK), ...queued])) {
    const merge = status === 'in_review' ? lastMergeOf(tx.sql, id) : null;
    if (merge && isForgotten(tx, merge)) tx.ended.add(merge.id);
    else if (status === 'in_review' || !queued.has(id)) continue;
    touch(tx, 'beads', id);
  }
}

/** It is over, its bead came to review with it and not by hand, and nobody was asked: who is, was so when it was settled. */
function isForgotten(tx: Tx, { id, beadId, phase, failure: why, updatedAt }: Merge): boolean {
  if (phase !== 'landed' && phase !== 'failed') return false;
  const asks = phase === 'failed' && (why === null || !isForAgent(why));
  if (asks && askedAboutSince(tx.sql, beadId, updatedAt)) return false;
  // Last of all: the ledger is looked through for it.
  return lastMoveOf(tx.sql, beadId)?.data['mergeId'] === id;
}
