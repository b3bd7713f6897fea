import { failure } from '@gastown/protocol';
import { findBead } from '../beads/store.ts';
import type { Tx } from '../tx.ts';
import { endRun, liveRuns } from './store.ts';

/** Rule: a run whose bead was closed, failed or taken back by somebody else has nothing to work on any more. */
export function followBeads(tx: Tx): void {
  if (tx.touched.beads.size === 0) return;
  for (const run of liveRuns(tx.sql)) {
    if (!run.beadId || !tx.touched.beads.has(run.beadId)) continue;
    const status = findBead(tx.sql, run.beadId)?.status;
    if (status === 'in_progress' || (run.doneAt !== null && status !== 'open')) continue;
    endRun(tx, run, 'stopped', failure('stopped_by_person'));
  }
}
