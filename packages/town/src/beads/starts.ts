import type { Tx } from '../tx.ts';
import { beadsWithFailedStarts, updateBead, updateIssue } from './store.ts';

/** Starts that failed are forgotten, and no bead waits for its time to try again any more (RC-33). How many beads that concerned. */
export function forgiveStarts(tx: Tx): number {
  const beads = beadsWithFailedStarts(tx.sql);
  for (const bead of beads) {
    updateIssue(tx, bead.id, { starts: 0 });
    updateBead(tx, bead.id, { retry_at: null });
  }
  return beads.length;
}
