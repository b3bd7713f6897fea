import { beadsById } from '../beads/store.ts';
import { askedAboutSince } from '../escalations/store.ts';
import { touch, type Tx } from '../tx.ts';
import { isForAgent } from './mending.ts';
import { isNewest, newestMerges, queuedMerges, type Merge } from './store.ts';

/** As many merges are looked at as could have ended while the rule was broken. */
const LOOKED_BACK = 300;

/**
 * Merges whose end had no consequences, because the rule that draws them was broken then and left out (RC-15): the bead still waits for a merge that is
 * over, or a merge stays in line whose bead was taken away. Looked for when a runner says hello, as it does to every new version of the town.
 */
export function rememberMerges(tx: Tx): void {
  const over = newestMerges(tx.sql, LOOKED_BACK).filter(({ place }) => place === null);
  const queued = queuedMerges(tx.sql);
  const beads = beadsById(
    tx.sql,
    [...over, ...queued].map(({ beadId }) => beadId),
  );
  const waiting = new Set(beads.filter(({ status }) => status === 'in_review').map(({ id }) => id));
  for (const merge of over.filter(({ beadId }) => waiting.has(beadId)))
    if (isForgotten(tx, merge)) {
      tx.ended.add(merge.id);
      touch(tx, 'beads', merge.beadId);
    }
  for (const { beadId } of queued) if (!waiting.has(beadId)) touch(tx, 'beads', beadId);
}

/** Its bead waits for it. What asks a person did so already when it was settled. */
function isForgotten(tx: Tx, merge: Merge): boolean {
  if (!isNewest(tx.sql, merge)) return false;
  const asks = merge.phase === 'failed' && (merge.failure === null || !isForAgent(merge.failure));
  return !asks || !askedAboutSince(tx.sql, merge.beadId, merge.updatedAt);
}
