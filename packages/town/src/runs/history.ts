import { forgetSpend } from '../spend/store.ts';
import type { Tx } from '../tx.ts';
import { deleteRun, endedWithoutBead } from './store.ts';

/** A bead's runs are its history and stay with it. Those of an agent that works on no bead only add up: the newest stay, each new one forgets a few. */
const KEPT = 300;
const FORGOTTEN_AT_ONCE = 2;

export function forgetOldRuns(tx: Tx, agentId: string, newest: number): void {
  for (const run of endedWithoutBead(tx.sql, agentId, newest - KEPT, FORGOTTEN_AT_ONCE)) {
    deleteRun(tx, run);
    forgetSpend(tx, 'run', run.id);
  }
}
