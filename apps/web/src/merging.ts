import type { BeadRow, MergeRow } from '@gastown/protocol';
import type { Replica } from './replica/store.ts';

type OfBead = Pick<BeadRow, 'status' | 'mergeId'> | undefined;
/** What the next run of the bead is given or resolves: no person is needed for it. */
const BY_AGENT: ReadonlySet<string> = new Set(['gate_failed', 'gate_timeout', 'merge_conflict', 'branch_missing', 'nothing_done']);

/** The newer merge of its bead that stands in its place. */
export const replacedBy = (merge: Pick<MergeRow, 'id'>, bead: OfBead): MergeRow['id'] | null =>
  bead?.mergeId && bead.mergeId !== merge.id ? bead.mergeId : null;

/** May it be queued again? The town refuses one that was replaced, or whose bead is over or still with its agent. */
export const isRetriable = (merge: MergeRow, bead: OfBead, busy: boolean): boolean =>
  merge.phase === 'failed' && bead !== undefined && bead.status !== 'closed' && !busy && replacedBy(merge, bead) === null;

/** Is an agent at work on the bead? Its merge cannot be retried meanwhile. */
export const isBusy = (replica: Replica, beadId: string | undefined): boolean =>
  [...replica.rows('runs').values()].some((run) => run.beadId === beadId && run.endedAt === null);

/** As far as the page knows at this moment. */
export function isRetriableNow(replica: Replica, id: string): boolean {
  const merge = replica.row('merges', id);
  return merge !== undefined && isRetriable(merge, replica.row('beads', merge.beadId), isBusy(replica, merge.beadId));
}

/** Is there a run, at work or to come, that gets its failure as context? */
const isForNextRun = (merge: MergeRow, bead: OfBead): boolean =>
  BY_AGENT.has(merge.failure?.code ?? '') && bead?.mergeId === merge.id && bead.status !== 'closed' && bead.status !== 'failed';

/** What follows from its failure, where that is not what its code says; null: it is. */
export function followsFrom(merge: MergeRow, bead: OfBead): string | null {
  if (bead?.status === 'closed') return 'Its bead is closed: nothing follows from it.';
  if (!BY_AGENT.has(merge.failure?.code ?? '') || isForNextRun(merge, bead)) return null;
  return bead?.status === 'failed' ? 'Its bead failed with it: retry this merge, or the bead for another try.' : 'Nothing follows from it.';
}
