import { failure, ok, refuse, type Result, type Usage } from '@gastown/protocol';
import { theTown, touchTown } from '../config/store.ts';
import { budgetSpent, touchWaiting } from '../gates.ts';
import { record } from '../ledger/store.ts';
import { findRun, touchRun } from '../runs/store.ts';
import type { Tx } from '../tx.ts';
import { addSpend } from './store.ts';

/** What a model call used, booked on the run and on all that the run belongs to. A run that is over is charged as well: the money is spent. */
export function spend(tx: Tx, runId: string, usage: Usage): Result<Record<string, never>> {
  const run = findRun(tx.sql, runId);
  if (!run) return refuse(failure('unknown_run', `There is no run ${runId}.`));
  const town = theTown(tx.sql);
  const spentBefore = budgetSpent(tx.sql, town);
  addSpend(tx, 'run', run.id, usage);
  addSpend(tx, 'agent', run.agentId, usage);
  if (run.beadId) addSpend(tx, 'bead', run.beadId, usage);
  if (run.rigId) addSpend(tx, 'rig', run.rigId, usage);
  addSpend(tx, 'town', town.id, usage);
  touchRun(tx, run, 'slots');
  touchTown(tx);
  if (!spentBefore && budgetSpent(tx.sql, town)) {
    record(tx, { type: 'budget_spent', data: { budgetMicros: town.budgetMicros } });
    touchWaiting(tx);
  }
  return ok({});
}
