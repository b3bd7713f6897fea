import type { BeadId } from '@gastown/protocol';
import { beadsById } from '../beads/store.ts';
import { lastMoveOf } from '../ledger/store.ts';
import type { Tx } from '../tx.ts';
import { liveRuns, newestRuns, touchRun } from './store.ts';

/** As many runs are looked at as could have ended while the rule was broken. */
const LOOKED_BACK = 300;

/**
 * Ends without their consequences, because the rule that draws them was broken then and left out (RC-15): the bead is still in progress, and nobody
 * has it. Looked for when a runner says hello, as it does to every new version of the town.
 */
export function rememberEnds(tx: Tx): void {
  const live = new Set(liveRuns(tx.sql).map((run) => run.beadId));
  const last = new Map(
    newestRuns(tx.sql, LOOKED_BACK)
      .toReversed()
      .map((run) => [run.beadId, run]),
  );
  const beads = beadsById(tx.sql, [...last.keys()].filter((id) => id !== null && !live.has(id)) as BeadId[]);
  for (const { id } of beads.filter((bead) => bead.status === 'in_progress')) {
    const run = last.get(id)!;
    // Who moved it by hand since wants no agent for it.
    if (lastMoveOf(tx.sql, id)?.data['runId'] !== run.id) continue;
    tx.ended.add(run.id);
    touchRun(tx, run, 'slots');
  }
}
