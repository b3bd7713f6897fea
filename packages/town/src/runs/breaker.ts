import type { Sql } from '../api.ts';
import { first, int, intOrNull } from '../sql.ts';
import type { Tx } from '../tx.ts';

/**
 * The dispatch breaker of the town (RC-20): starts that failed in a row over all beads open it; it holds dispatch for a while, then lets one run
 * probe. The hold doubles with each failed probe and is forgotten at the first run that starts.
 */
const OPENS_AT = 5;
const HOLD_MS = 60_000;
const HOLD_CAP_MS = 1_800_000;

export interface Breaker {
  readonly failures: number;
  readonly holds: number;
  readonly holdUntil: number | null;
}
export function readBreaker(sql: Sql): Breaker {
  const row = first(sql, 'SELECT * FROM breaker WHERE id = 1');
  if (!row) throw new Error('the breaker row is missing');
  return { failures: int(row, 'failures'), holds: int(row, 'holds'), holdUntil: intOrNull(row, 'hold_until') };
}
const write = (tx: Tx, next: Breaker): void => {
  tx.sql.run('UPDATE breaker SET failures = ?, holds = ?, hold_until = ? WHERE id = 1', next.failures, next.holds, next.holdUntil);
  tx.touched.changes += 1;
};

export const isProbing = (breaker: Breaker): boolean => breaker.failures >= OPENS_AT && breaker.holdUntil === null;

/** Each says whether the hold came or went: then every waiting bead shows another reason. */
export function startFailed(tx: Tx): boolean {
  const { failures, holds, holdUntil } = readBreaker(tx.sql);
  /** Starts that were under way when it opened fail into the same hold. */
  if (holdUntil !== null) return false;
  const opens = failures + 1 >= OPENS_AT;
  write(tx, {
    failures: failures + 1,
    holds: opens ? holds + 1 : holds,
    holdUntil: opens ? tx.now + Math.min(HOLD_CAP_MS, HOLD_MS * 2 ** Math.min(holds, 10)) : null,
  });
  return opens;
}
export function startWorked(tx: Tx): boolean {
  const { failures, holdUntil } = readBreaker(tx.sql);
  if (failures > 0) write(tx, { failures: 0, holds: 0, holdUntil: null });
  return holdUntil !== null;
}
/** Due work: a hold that is over becomes a probe. */
export function endHold(tx: Tx): boolean {
  const breaker = readBreaker(tx.sql);
  if (breaker.holdUntil === null || breaker.holdUntil > tx.now) return false;
  write(tx, { ...breaker, holdUntil: null });
  return true;
}
