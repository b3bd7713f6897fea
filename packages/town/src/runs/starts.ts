import { failure, HOME_RUNNER, LIMITS, type Failure, type Outcome } from '@gastown/protocol';
import { doubtRunner, isUnheard } from '../links/doubt.ts';
import { findLink } from '../links/store.ts';
import { backoffMs } from '../backoff.ts';
import { isToCome, renewed } from '../over.ts';
import { removeEffect, waitsOnRunner, type Effect } from '../outbox/store.ts';
import type { Tx } from '../tx.ts';
import { noLook, waitsForLook } from './away.ts';
import { hasOtherTaker } from './avoided.ts';
import { parseRunSubject } from './begin.ts';
import { unready } from './charges.ts';
import { believed } from './provider.ts';
import { leaseEnd } from './reports.ts';
import { preparingMs } from './setup.ts';
import { endRun, findRun, isSilent, liveRuns, setRunState, touchRun, updateRun, type Run } from './store.ts';

/** The outcome of `run.start` (RC-17, RC-35): a session, a definite failure, or nothing in time. */
export function startOutcome(tx: Tx, effect: Effect, outcome: Outcome): void {
  const run = findRun(tx.sql, parseRunSubject(effect.subject).runId);
  if (!run || run.state === 'ended') return removeEffect(tx, effect);
  if (run.state === 'starting' && outcome.state === 'failed' && unready(outcome.failure))
    return startsLater(tx, run, effect, outcome.failure);
  removeEffect(tx, effect);
  /** Its bead waits for that no longer (I17). */
  if (unready(effect.failure) || effect.extendedSince !== null) touchRun(tx, run, 'bead');
  if (outcome.state === 'failed') return failStart(tx, run, outcome.failure, outcome.retry);
  if (outcome.value.kind !== 'session')
    return failStart(tx, run, failure('setup_failed', 'The runner reported a start without a session.'), false);
  const { sessionId, model } = outcome.value;
  const found = {
    session_id: sessionId,
    instance: findLink(tx.sql, run.runnerId)?.instance ?? null,
    last_activity_at: tx.now,
    begun_at: tx.now,
    ...(model !== null && { model }),
  };
  if (run.state !== 'starting') return updateRun(tx, run, found);
  /** A polecat is prompted at once and stays `starting` until its first turn; the Mayor waits for messages, without a lease. */
  if (run.beadId) updateRun(tx, run, { ...found, lease_until: leaseEnd(tx) });
  else setRunState(tx, run, 'idle', found);
}

/**
 * Nothing has begun, so nothing has failed, however often the runner is full or still keeps what was left there (CT-13): another runner that takes it begins it now, else it is the same start again, ever later.
 */
function startsLater(tx: Tx, run: Run, effect: Effect, why: Failure): void {
  if (hasOtherTaker(tx.sql, run, tx.now)) return endRun(tx, run, 'failed', why);
  waitsOnRunner(tx, effect, tx.now + backoffMs(tx, effect.attempts + 1), why);
  touchRun(tx, run, 'bead');
}

const failStart = (tx: Tx, run: Run, why: Failure, retry: boolean): void =>
  endRun(tx, run, 'failed', { ...believed(tx, run, why), details: { ...why.details, retry } });

/**
 * Due work: no word of the start in `startTimeoutMs`. The run is given up; its generation makes sure that it cannot come back. Where a machine said nothing at all since
 * it got the start, as one does that sleeps, that is no failed start (RC-34); the container's runner is restarted.
 */
export function startUnknown(tx: Tx, effect: Effect, since: number): void {
  const { runnerId } = effect;
  const asleep = runnerId !== null && runnerId !== HOME_RUNNER && isUnheard(tx.sql, runnerId, since);
  const preparesTooLong = effect.extendedSince !== null && since >= effect.extendedSince + preparingOf(tx, effect);
  if (asleep) startLost(tx, effect, failure('runner_lost', 'Nothing was heard of the machine since it got the start.'));
  else if (preparesTooLong) startLost(tx, effect, failure('setup_failed', tooLong(preparingOf(tx, effect))));
  else startLost(tx, effect, failure('lease_expired', 'The runner did not say in time whether the agent started.'));
}

function preparingOf(tx: Tx, effect: Effect): number {
  const run = findRun(tx.sql, parseRunSubject(effect.subject).runId);
  return run ? preparingMs(tx.sql, run) : 0;
}
const tooLong = (ms: number): string =>
  `The worktree was not ready after ${Math.round(ms / 60_000)} minutes: to fetch the repository and to check it out takes too long there.`;

export function startLost(tx: Tx, effect: Effect, why: Failure): void {
  const run = findRun(tx.sql, parseRunSubject(effect.subject).runId);
  /** The end of a run takes its effects with it, also one of this transaction, and has a runner that may still be at the start let go of it. */
  if (run && run.state !== 'ended') failStart(tx, run, why, true);
  else if (!run || !tx.ended.has(run.id)) removeEffect(tx, effect);
}

/**
 * No lease lasts longer than one that is given now (I3), none is over before it could be kept, and nobody was heard, or found silent, in times to come. Who was found silent then is so still, from now on; only what is
 * heard of it ends that.
 */
export function renewLeases(tx: Tx): void {
  for (const run of liveRuns(tx.sql)) {
    const until = run.leaseUntil === null ? null : renewed(run.leaseUntil, tx.now, LIMITS.leaseMs.value);
    if (until !== run.leaseUntil) updateRun(tx, run, { lease_until: until });
    if (isToCome(run.lastActivityAt ?? 0, tx.now)) updateRun(tx, run, { last_activity_at: tx.now });
    if (isToCome(run.proddedAt ?? 0, tx.now))
      updateRun(tx, run, { prodded_at: isSilent(run) && run.lastActivityAt !== tx.now ? tx.now : null });
  }
}

/** Due work: silent holders lose their lease (I3). One that had handed in already is simply over. Where the runner itself was silent its agent is not to blame (RC-34). */
export function expireLeases(tx: Tx): void {
  const seconds = LIMITS.leaseMs.value / 1_000;
  for (const run of liveRuns(tx.sql)) {
    if (run.leaseUntil === null || run.leaseUntil > tx.now) continue;
    if (waitsForLook(tx.sql, run)) {
      endRun(tx, run, 'failed', noLook());
      continue;
    }
    const since = run.leaseUntil - LIMITS.leaseMs.value;
    doubtRunner(tx, run.runnerId, since);
    if (run.doneAt !== null) endRun(tx, run, 'done', null);
    else if (isUnheard(tx.sql, run.runnerId, since))
      endRun(tx, run, 'failed', failure('runner_lost', `Nothing was heard of the runner for ${seconds} seconds.`));
    else endRun(tx, run, 'failed', failure('lease_expired', `Nothing was heard of the agent for ${seconds} seconds.`));
  }
}
/** The runner that held these runs is gone (RC-34). Starts still in the outbox go to the next runner. */
export function loseRuns(tx: Tx, lost: (run: Run) => boolean, endReason: 'failed' | 'stopped' = 'failed'): void {
  for (const run of liveRuns(tx.sql)) {
    if (run.instance === null || !lost(run)) continue;
    if (run.doneAt !== null) endRun(tx, run, 'done', null);
    else if (endReason === 'stopped') endRun(tx, run, 'stopped', null);
    else endRun(tx, run, 'failed', failure('runner_lost'));
  }
}
