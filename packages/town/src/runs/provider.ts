import { failure, LIMITS, ok, type Failure, type FailureCode, type ModelTrouble, type Result, type TownRow } from '@gastown/protocol';
import type { Sql, TownCommand } from '../api.ts';
import { modelsOf, theTown, updateTown } from '../config/store.ts';
import { modelGate, touchWaiting } from '../gates.ts';
import { isToCome } from '../over.ts';
import { hardFor } from '../spend/reached.ts';
import type { Tx } from '../tx.ts';
import { readBreaker, setProvider, type Breaker, type Provider } from './breaker.ts';
import { leaveModel } from './model.ts';
import { findRun, updateRun, type Run } from './store.ts';

/**
 * What the model door saw of the provider (RC-34). A limit or an overload: nothing is started with that model for a while, nobody's attempt. No credit or
 * a refused key: nothing is started until a setting changes or a person says so, who is asked once. A full context or a refusal is the run's own.
 */
const CODES: Readonly<Record<ModelTrouble['kind'], FailureCode>> = {
  limit: 'model_rate_limited',
  overload: 'model_overloaded',
  quota: 'model_quota_spent',
  auth: 'model_key_refused',
  context: 'model_context_full',
  refused: 'model_refused',
};
const failureOf = ({ kind, message }: Pick<ModelTrouble, 'kind' | 'message'>): Failure => failure(CODES[kind], message);

type Told = Extract<TownCommand, { kind: 'model.trouble' }>;
export function modelTrouble(tx: Tx, { runId, model, since, trouble }: Told): Result<Record<string, never>> {
  const run = findRun(tx.sql, runId);
  const why = failureOf(trouble);
  const town = theTown(tx.sql);
  if (run && run.state !== 'ended') {
    updateRun(tx, run, { trouble: JSON.stringify(why) });
    leaveModel(tx, town, { ...run, trouble: why });
  }
  /** It speaks of a key, or of a model, that is not in use any more. */
  const isOld = since < town.modelSetAt && !isToCome(town.modelSetAt, tx.now);
  const isUsed = modelsOf(town).some((used) => used.provider === model.provider && used.model === model.model);
  if (isOld || !isUsed) return ok({});
  if (trouble.kind === 'limit' || trouble.kind === 'overload') hold(tx, why, trouble.until);
  if (trouble.kind === 'quota' || trouble.kind === 'auth') stopModel(tx, why);
  return ok({});
}

const FIRST_MS = 15_000;
/** A provider that is well again for so long begins anew. */
const FORGOTTEN_MS = 1_800_000;

function hold(tx: Tx, why: Failure, told: number | null): void {
  const before = readBreaker(tx.sql).provider;
  const holds = before !== null && (before.until ?? 0) > tx.now;
  /** Calls that were under way when it began are refused into the same hold. */
  if (holds && (told ?? 0) <= before.until!) return;
  const strikes = holds ? before.strikes : before && before.at > tx.now - FORGOTTEN_MS ? before.strikes + 1 : 1;
  const guess = Math.min(LIMITS.modelHoldGuessMs.value, FIRST_MS * 2 ** Math.min(strikes - 1, 10));
  const until = told === null ? tx.now + guess : Math.min(Math.max(told, tx.now + 1_000), tx.now + LIMITS.modelHoldCapMs.value);
  setProvider(tx, { strikes, until, at: tx.now, failure: why });
  touchWaiting(tx);
}

/** Due work: a hold that is over, or that was begun in times to come, is remembered, so that the next one is longer, until a call went through. */
export function endModelHold(tx: Tx): void {
  const { provider } = readBreaker(tx.sql);
  if (provider === null || provider.until === null || (provider.until > tx.now && !isToCome(provider.at, tx.now))) return;
  setProvider(tx, { ...provider, until: null });
  touchWaiting(tx);
}
/** A call went through. One that began before the provider refused others says nothing of the hold. */
export function modelWorked(tx: Tx, run: Run | null): void {
  if (run?.trouble) updateRun(tx, run, { trouble: null });
  const { provider } = readBreaker(tx.sql);
  if (provider && provider.until === null) setProvider(tx, null);
}
/** The model was changed, or a person says that it is to be asked again. */
export function forgetModelTrouble(tx: Tx): void {
  const { provider } = readBreaker(tx.sql);
  if (provider === null) return;
  setProvider(tx, null);
  touchWaiting(tx);
}

const heldBy = ({ provider }: Breaker): (Provider & { until: number }) | null =>
  provider && provider.until !== null ? { ...provider, until: provider.until } : null;
export function modelHeld(breaker: Breaker): TownRow['modelHeld'] {
  const held = heldBy(breaker);
  return held && { until: held.until, failure: held.failure };
}
export const isModelHeld = (sql: Sql): boolean => heldBy(readBreaker(sql)) !== null;

/** Nothing is started with the key as it is; the alert `model` asks a person, once, however many runs meet it. */
function stopModel(tx: Tx, why: Failure): void {
  updateTown(tx, { model_failure: JSON.stringify(why) });
  touchWaiting(tx);
}

/** What a broken turn says is an agent's guess; what the door saw in that turn is not. */
const GUESSES: readonly FailureCode[] = [
  'model_unreachable',
  'model_rate_limited',
  'model_overloaded',
  'model_key_refused',
  'model_quota_spent',
  'model_context_full',
  'model_refused',
  'agent_stalled',
];
export function turnFailure(run: Run, stopReason: string, said: Failure | null): Failure | null {
  const seen = run.trouble;
  if (said) return seen && GUESSES.includes(said.code) ? seen : said;
  return stopReason === 'refusal' ? (seen ?? failure('model_refused')) : null;
}

/**
 * What nobody is charged for, because it holds the town or its budget up until that changes. An agent only repeats what it heard of it; one that says so of itself would be started
 * anew for ever, and could stop a whole town with a sentence.
 */
const FOUNDED: Partial<Record<FailureCode, (tx: Tx, run: Run) => boolean>> = {
  no_model: hasNoModel,
  model_key_refused: hasNoModel,
  model_quota_spent: hasNoModel,
  budget_spent: (tx, run) => hardFor(tx.sql, run) !== null,
  town_stopped: (tx) => theTown(tx.sql).stopped,
};
function hasNoModel(tx: Tx): boolean {
  const town = theTown(tx.sql);
  return town.stopped || modelGate(tx.sql, town)?.code === 'no_model';
}
export function believed(tx: Tx, run: Run, said: Failure): Failure {
  const founded = FOUNDED[said.code];
  if (!founded || run.trouble?.code === said.code || founded(tx, run)) return said;
  return failure('agent_crashed', `The agent says “${said.message}”, and no call of it was refused for that.`);
}
