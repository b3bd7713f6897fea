import { failure, ok, refuse, type Result } from '@gastown/protocol';
import type { ModelPass, Sql } from '../api.ts';
import { hasKey, modelInUse, readTown } from '../config/store.ts';
import { budgetSpent } from '../gates.ts';
import { runBySession } from '../runs/store.ts';

/** The door's question. A pause does not cut running work; an end, an empty purse and a deleted town do (I9). */
export function modelPass(sql: Sql, sessionId: string): Result<ModelPass> {
  const town = readTown(sql);
  if (!town) return refuse(failure('unknown_town'));
  if (town.deletedAt !== null) return refuse(failure('town_deleted'));
  const run = runBySession(sql, sessionId);
  if (!run) return refuse(failure('unknown_run', 'No run has this session.'));
  if (run.state === 'ended') return refuse(failure('run_over'));
  const model = modelInUse(town);
  if (!model || !hasKey(town)) return refuse(failure('no_model'));
  if (budgetSpent(sql, town)) return refuse(failure('budget_spent'));
  return ok({ runId: run.id, model, sealedKey: town.keySealed, rigId: run.rigId, budgeted: town.budgetMicros !== null });
}
