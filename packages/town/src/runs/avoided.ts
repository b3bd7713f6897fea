import { HOME_RUNNER, LIMITS, type RunnerId } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { place } from '../runners/placing.ts';
import { placeables } from '../runners/view.ts';
import { chargeOf, unready } from './charges.ts';
import { runsOfBead, type Run } from './store.ts';

/** A runner that was not ready for a bead is asked again after this, were others there or not. */
const ROOM_AGAIN_MS = 600_000;

/**
 * Runners to which this bead is better not given while another takes it: who was not ready for it a moment ago, and a machine where its start failed, which may lack what it needs.
 */
export function avoidedBy(sql: Sql, beadId: string, now: number): Set<RunnerId> {
  return new Set(runsOfBead(sql, beadId).flatMap((run) => (isBadPlace(run, now) ? [run.runnerId] : [])));
}
function isBadPlace(run: Run, now: number): boolean {
  const since = now - (run.endedAt ?? now);
  if (unready(run.failure)) return since < ROOM_AGAIN_MS;
  return failedToStart(run) && since < LIMITS.attemptsCoolDownMs.value;
}
const failedToStart = (run: Run): boolean => run.runnerId !== HOME_RUNNER && chargeOf(run) === 'start';

/** Would another runner begin this now, one that was not tried in vain? */
export function hasOtherTaker(sql: Sql, { beadId, rigId, runnerId }: Run, now: number): boolean {
  if (beadId === null || rigId === null) return false;
  const avoided = avoidedBy(sql, beadId, now).add(runnerId);
  const taker = place(placeables(sql, false), rigId, 'run', avoided);
  return taker !== null && !avoided.has(taker);
}

/** The first start of a bead that fails on a machine may say more of the machine than of the bead: another tells (RC-34). */
export function blamesItsMachine(sql: Sql, run: Run, now: number): boolean {
  if (run.beadId === null || !failedToStart(run)) return false;
  const before = runsOfBead(sql, run.beadId).some(
    (other) => other.id !== run.id && other.runnerId === run.runnerId && failedToStart(other),
  );
  return !before && hasOtherTaker(sql, run, now);
}
