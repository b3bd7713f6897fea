import { type ModelConfig, type Role } from '@gastown/protocol';
import { findAgent } from '../agents/store.ts';
import { modelOf, modelsOf, type TownState } from '../config/store.ts';
import type { Tx } from '../tx.ts';
import { liveRuns, updateRun, type Run } from './store.ts';

/**
 * What a run is asked with: what its session began with (CT-5), at the price that is set now. Where the town has another provider or address since, what is set
 * now: the town's key is of that one and goes nowhere else (I16).
 */
export function modelOfRun(town: TownState, { modelConfig: begun }: Run, role: Role): ModelConfig | null {
  const now = modelOf(town, role);
  if (now === null || begun === null || !isOfSameProvider(begun, now)) return now;
  const same = [now, ...modelsOf(town)].find(({ model }) => model === begun.model);
  return same ? { ...begun, price: same.price } : begun;
}

/** Another model or effort was set since it began. */
export function isOutdated(town: TownState, { modelConfig: begun }: Run, role: Role): boolean {
  const now = modelOf(town, role);
  if (now === null || begun === null) return false;
  return !isOfSameProvider(begun, now) || begun.model !== now.model || begun.effort !== now.effort;
}
const isOfSameProvider = (a: ModelConfig, b: ModelConfig): boolean => a.provider === b.provider && a.baseUrl === b.baseUrl;

/**
 * A run whose model was refused goes on with what is set now: a person who chooses another wants it to work on. So does work whose provider is not the town's any more; the Mayor's next message begins a session that
 * speaks the other one's API.
 */
export function leaveModel(tx: Tx, town: TownState, run: Run): void {
  const role = findAgent(tx.sql, run.agentId)?.role;
  if (role === undefined || !isOutdated(town, run, role)) return;
  const now = modelOf(town, role);
  const isAtHome = now !== null && run.modelConfig !== null && isOfSameProvider(run.modelConfig, now);
  if (isAtHome ? run.trouble === null : run.beadId === null) return;
  updateRun(tx, run, { model: now?.model ?? null, model_config: JSON.stringify(now) });
}
export function leaveModels(tx: Tx, town: TownState): void {
  for (const run of liveRuns(tx.sql)) leaveModel(tx, town, run);
}
