import type { BeadRow, MergeRow } from '../index.ts';

/** It did not land, and nothing moves on by itself: its bead failed with it, or waits in review for a person. */
export function waitsForPerson(merge: MergeRow, bead: Pick<BeadRow, 'status' | 'mergeId' | 'wait' | 'archivedAt'> | undefined): boolean {
  if (merge.phase !== 'failed' || bead?.mergeId !== merge.id || bead.archivedAt !== null) return false;
  return bead.status === 'failed' || (bead.status === 'in_review' && bead.wait?.code === 'needs_person');
}
