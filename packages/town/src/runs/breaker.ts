import { LIMITS, type Failure, type TownRow } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { touchTown } from '../config/store.ts';
import { isOver, isToCome } from '../over.ts';
import { first, int, intOrNull, json, jsonOrNull, packed } from '../sql.ts';
import type { Tx } from '../tx.ts';

/**
 * The dispatch breaker of the town (RC-20): starts that failed in a row over all beads open it, or very many within the window whatever started
 * between; it holds dispatch for a while, then lets one run probe. The hold doubles with each failed probe and is forgotten at the first run that starts.
 */
const HOLD_MS = 60_000;
/** Shorter than the cool-down of failed starts, so that probes of one bead still count together (RC-33). */
const HOLD_CAP_MS = 900_000;

export interface Breaker {
  readonly failures: number;
  readonly holds: number;
  readonly holdUntil: number | null;
  /** When starts failed, within the window; at most as many as make a storm. */
  readonly recent: readonly number[];
  readonly failure: Failure | null;
  readonly provider: Provider | null;
}
/** The provider of the model in use wants no calls: until when (null: it may be asked again), how often in a row, when that was last told, and why. */
export interface Provider {
  readonly strikes: number;
  readonly until: number | null;
  readonly at: number;
  readonly failure: Failure;
}
export function readBreaker(sql: Sql): Breaker {
  const row = first(sql, 'SELECT * FROM breaker WHERE id = 1');
  if (!row) throw new Error('the breaker row is missing');
  return {
    failures: int(row, 'failures'),
    holds: int(row, 'holds'),
    holdUntil: intOrNull(row, 'hold_until'),
    recent: json<number[]>(row, 'recent'),
    failure: jsonOrNull<Failure>(row, 'failure'),
    provider: jsonOrNull<Provider>(row, 'provider'),
  };
}
export function setProvider(tx: Tx, provider: Provider | null): void {
  tx.sql.run('UPDATE breaker SET provider = ? WHERE id = 1', packed(provider));
  touchTown(tx);
}
const write = (tx: Tx, next: Omit<Breaker, 'provider'>): void => {
  tx.sql.run(
    'UPDATE breaker SET failures = ?, holds = ?, hold_until = ?, recent = ?, failure = ? WHERE id = 1',
    next.failures,
    next.holds,
    next.holdUntil,
    JSON.stringify(next.recent),
    packed(next.failure),
  );
  tx.touched.changes += 1;
};

const isOpen = (breaker: Breaker): boolean => breaker.holds > 0;
export const isProbing = (breaker: Breaker): boolean => isOpen(breaker) && breaker.holdUntil === null;
/** What a person sees of it. */
export const dispatchHeld = (breaker: Breaker): TownRow['dispatchHeld'] =>
  isOpen(breaker) ? { until: breaker.holdUntil, failure: breaker.failure } : null;

/** Each says whether the hold came or went: then every waiting bead shows another reason. */
export function startFailed(tx: Tx, why: Failure): boolean {
  const before = readBreaker(tx.sql);
  /** Starts that were under way when it opened fail into the same hold. */
  if (before.holdUntil !== null) return false;
  const storm = LIMITS.dispatchStorm.value;
  const recent = [...before.recent.filter((at) => at > tx.now - LIMITS.dispatchStormWindowMs.value && !isToCome(at, tx.now)), tx.now].slice(
    -storm,
  );
  const failures = before.failures + 1;
  const opens = isOpen(before) || failures >= LIMITS.dispatchFailuresInARow.value || recent.length >= storm;
  write(tx, {
    failures,
    holds: opens ? before.holds + 1 : 0,
    holdUntil: opens ? tx.now + Math.min(HOLD_CAP_MS, HOLD_MS * 2 ** Math.min(before.holds, 10)) : null,
    recent,
    failure: why,
  });
  if (opens) touchTown(tx);
  return opens;
}
/** A run that starts ends a hold and a row of failures; only the end of a hold makes the window forget. */
export function startWorked(tx: Tx): boolean {
  const before = readBreaker(tx.sql);
  if (before.failures === 0 && !isOpen(before)) return false;
  write(tx, { failures: 0, holds: 0, holdUntil: null, recent: isOpen(before) ? [] : before.recent, failure: null });
  if (isOpen(before)) touchTown(tx);
  return before.holdUntil !== null;
}
/** A person or an outage that is over says so: from the beginning. */
export function forgetFailures(tx: Tx): void {
  const before = readBreaker(tx.sql);
  if (before.failures === 0 && before.recent.length === 0 && !isOpen(before)) return;
  write(tx, { failures: 0, holds: 0, holdUntil: null, recent: [], failure: null });
  touchTown(tx);
}
/** Due work: a hold that is over becomes a probe. */
export function endHold(tx: Tx): boolean {
  const breaker = readBreaker(tx.sql);
  if (breaker.holdUntil === null || !isOver(breaker.holdUntil, tx.now, HOLD_CAP_MS)) return false;
  write(tx, { ...breaker, holdUntil: null });
  touchTown(tx);
  return true;
}
