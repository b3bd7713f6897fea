import { failure, ok, refuse, type Result, type RunnerId } from '@gastown/protocol';
import type { ModelPass, Sql } from '../api.ts';
import { findAgent } from '../agents/store.ts';
import { hasKey, readTown } from '../config/store.ts';
import { modelOfRun } from '../runs/model.ts';
import { runBySession } from '../runs/store.ts';
import { hardFor, isLimited, spentFailure } from './reached.ts';

/** The door's question. A pause does not cut running work; a stop, an end, a spent budget at any level and a deleted town do (I9). */
export function modelPass(sql: Sql, sessionId: string, runnerId?: RunnerId): Result<ModelPass> {
  const town = readTown(sql);
  if (!town) return refuse(failure('unknown_town'));
  if (town.deletedAt !== null) return refuse(failure('town_deleted'));
  if (town.stopped) return refuse(failure('town_stopped'));
  const run = runBySession(sql, sessionId);
  if (!run) return refuse(failure('unknown_run', 'No run has this session.'));
  if (runnerId !== undefined && run.runnerId !== runnerId)
    return refuse(failure('model_token_invalid', 'This session is with another runner than the token.'));
  const spent = hardFor(sql, run);
  if (spent) return refuse(spentFailure(sql, spent));
  if (run.state === 'ended') return refuse(failure('run_over'));
  const role = findAgent(sql, run.agentId)?.role;
  const model = role === undefined ? null : modelOfRun(town, run, role);
  if (!model || !hasKey(town)) return refuse(failure('no_model'));
  return ok({ runId: run.id, runnerId: run.runnerId, model, sealedKey: town.keySealed, rigId: run.rigId, budgeted: isLimited(sql, run) });
}
