import { failure, LIMITS, type Failure, type FailureCode, type Outcome, type RunnerId } from '@gastown/protocol';
import { doubtRunner } from '../links/doubt.ts';
import { containerOutcome } from '../container/outcomes.ts';
import { record } from '../ledger/store.ts';
import { mergeFailed, mergeOutcome } from '../merges/outcomes.ts';
import { findMerge } from '../merges/store.ts';
import { isPoison, tryAgain } from '../outbox/retry.ts';
import { renewed } from '../over.ts';
import { allEffects, extendSent, findEffect, forRunner, park, removeEffect, setPending, type Effect } from '../outbox/store.ts';
import { rigConnected, rigUnreachable, tellNextLook } from '../rigs/looks.ts';
import { findRig } from '../rigs/store.ts';
import { findNudge } from '../messages/store.ts';
import { parseRunSubject } from '../runs/begin.ts';
import { leaseEnd } from '../runs/reports.ts';
import { endRun, findRun, updateRun } from '../runs/store.ts';
import { startLost, startOutcome, startUnknown } from '../runs/starts.ts';
import type { Tx } from '../tx.ts';
import { timeLimitOf } from './take.ts';

/** An outcome that comes twice, or late for something that is over or with another runner now, finds no effect and changes nothing (I18). `by` null: it came from the container. */
export function applyOutcome(tx: Tx, effectId: string, outcome: Outcome, by: RunnerId | null): 'applied' | 'unknown_effect' {
  const effect = findEffect(tx.sql, effectId);
  if (!effect || (by !== null && effect.runnerId !== by)) return 'unknown_effect';
  /** It was put aside with its reason; a failure that is told late, or again, is no other try (I8, I18). */
  if (effect.state === 'parked' && outcome.state === 'failed') return 'applied';
  switch (effect.kind) {
    case 'rig.connect':
      connected(tx, effect, outcome);
      break;
    case 'run.start':
      startOutcome(tx, effect, outcome);
      break;
    case 'merge.test':
    case 'merge.land':
      mergeOutcome(tx, effect, outcome);
      break;
    case 'container.start':
    case 'container.stop':
      containerOutcome(tx, effect, outcome);
      break;
    default:
      plainOutcome(tx, effect, outcome);
  }
  return 'applied';
}

function connected(tx: Tx, effect: Effect, outcome: Outcome): void {
  if (outcome.state === 'succeeded') {
    removeEffect(tx, effect);
    if (outcome.value.kind === 'rig') rigConnected(tx, effect.subject, outcome.value);
    else rigUnreachable(tx, effect.subject, failure('git_failed', 'The runner did not say what it found in the repository.'));
    return;
  }
  rigUnreachable(tx, effect.subject, outcome.failure);
  const wasThere = mayComeBack(tx, effect.subject, outcome.failure);
  if (!outcome.retry && !wasThere) removeEffect(tx, effect);
  else if (!tryAgain(tx, effect, outcome.failure, wasThere ? LIMITS.lookAgainCapMs.value : undefined)) giveUp(tx, effect, outcome.failure);
  tellNextLook(tx, effect.subject);
}
/** One that was used before and is away now, a folder that was moved or a server that is down, is looked at again for longer: it mostly comes back as it was. */
const AWAY: readonly FailureCode[] = ['repository_not_found', 'repository_unreachable'];
const mayComeBack = (tx: Tx, rigId: string, { code }: Failure): boolean =>
  AWAY.includes(code) && (findRig(tx.sql, rigId)?.defaultBranch ?? null) !== null;

/** Prompts, stops, interrupts and branch deletions: nothing to learn from success. */
function plainOutcome(tx: Tx, effect: Effect, outcome: Outcome): void {
  if (outcome.state === 'succeeded') {
    removeEffect(tx, effect);
    if (effect.kind === 'run.prompt') awaitTurn(tx, effect);
    return;
  }
  if (outcome.retry && tryAgain(tx, effect, outcome.failure)) return;
  if (outcome.retry || CARRIES_ON.includes(effect.kind)) return giveUp(tx, effect, outcome.failure);
  removeEffect(tx, effect);
  record(tx, { type: 'effect_failed', ...about(tx, effect, outcome.failure) });
}

/** What was not done, of which bead, agent, branch or repository. */
function about(tx: Tx, { kind, subject, target }: Effect, why: Failure) {
  const merge = findMerge(tx.sql, subject);
  const run = target.startsWith('run:') ? findRun(tx.sql, parseRunSubject(target.replace(/^run:/, '')).runId) : null;
  const rig = kind === 'rig.connect' ? findRig(tx.sql, subject) : null;
  return {
    beadId: merge?.beadId ?? run?.beadId ?? null,
    agentId: merge?.agentId ?? run?.agentId ?? null,
    data: { kind, subject, failure: why, ...(merge && { branch: merge.branch }), ...(rig && { name: rig.name }) },
  };
}

/** What a run cannot go on without: it ends when that does not reach it. */
const CARRIES_ON: readonly Effect['kind'][] = ['run.prompt', 'permission.answer'];

/** The runner has the message; until its turn begins only a lease would notice that it never does (I3). */
function awaitTurn(tx: Tx, effect: Effect): void {
  const run = findRun(tx.sql, promptedRun(effect));
  if (run?.state === 'idle' && findNudge(tx.sql, effect.subject)?.state === 'sent') updateRun(tx, run, { lease_until: leaseEnd(tx) });
}
const promptedRun = (effect: Effect): string => effect.target.replace(/^run:/, '');

/** Out of tries: what hangs on it fails with the reason, else the effect is parked and shown (I8). */
function giveUp(tx: Tx, effect: Effect, why: Failure): void {
  if (effect.kind === 'run.start') return startLost(tx, effect, why);
  /** Parked it would leave a town that starts for ever; as a failed start it is tried again, ever more slowly, and shown (PT-11, RC-28). */
  if (effect.kind === 'container.start') return containerOutcome(tx, effect, { state: 'failed', failure: why, retry: true });
  const run = CARRIES_ON.includes(effect.kind) ? findRun(tx.sql, promptedRun(effect)) : null;
  const merge = effect.kind === 'merge.test' || effect.kind === 'merge.land' ? findMerge(tx.sql, effect.subject) : null;
  if (run || merge) removeEffect(tx, effect);
  if (run) return endRun(tx, run, 'failed', why);
  if (merge) return mergeFailed(tx, merge, why);
  /** The town knows nothing of it: no person could do more for it than the next hello of its runner does. */
  if (effect.kind === 'run.stop' && !findRun(tx.sql, parseRunSubject(effect.subject).runId)) return removeEffect(tx, effect);
  park(tx, effect, isPoison(effect) ? effect.attempts : effect.attempts + 1, why);
  if (effect.kind === 'rig.connect') tellNextLook(tx, effect.subject);
  /** A row that it is about may be what broke it: nothing of it is read again (RC-9). */
  const told = isPoison(effect) ? { data: { kind: effect.kind, failure: why } } : about(tx, effect, why);
  record(tx, { type: 'effect_parked', ...told, data: { ...told.data, effectId: effect.id } });
}

/** Every runner that got it went away without a word: it may be what ends them (I8). */
function losesItsRunner(tx: Tx, effect: Effect): void {
  const message = `It was handed out ${effect.handed} times, and each time the runner was lost.`;
  if (effect.kind === 'run.start') startLost(tx, effect, failure('agent_crashed', message));
  else giveUp(tx, effect, failure('runner_unavailable', message));
}

/** No effect has more time than it is given, none is without an outcome before there could be one, and none waits longer than it would now. */
export function renewEffects(tx: Tx): void {
  for (const effect of allEffects(tx.sql)) {
    const looksAgain = effect.state === 'pending' && effect.kind === 'rig.connect';
    const ordinary = looksAgain ? LIMITS.lookAgainCapMs.value : LIMITS.effectTimeoutMs.value;
    if (renewed(effect.dueAt, tx.now, ordinary) === effect.dueAt) continue;
    if (effect.state === 'sent') {
      const dueAt = renewed(effect.dueAt, tx.now, timeLimitOf(tx.sql, effect));
      if (dueAt !== effect.dueAt) extendSent(tx, effect, dueAt, effect.extendedSince === null ? null : tx.now);
    } else if (effect.state === 'pending' && effect.dueAt > tx.now) {
      setPending(tx, effect, effect.attempts, tx.now, effect.failure);
    }
  }
}

/** Due work: sent, and no outcome in time. Unknown: the same effect goes out again under its id, a start is given up (RC-35). */
export function effectsWithoutOutcome(tx: Tx): void {
  for (const effect of allEffects(tx.sql)) {
    if (isPoison(effect)) giveUp(tx, effect, effect.failure ?? failure('internal'));
    else if (effect.state === 'pending' && effect.handed >= LIMITS.effectAttempts.value) losesItsRunner(tx, effect);
    if (effect.state !== 'sent' || effect.dueAt > tx.now) continue;
    /** Who is at it says so each time for as long as a start has. */
    const given = effect.extendedSince === null ? timeLimitOf(tx.sql, effect) : LIMITS.startTimeoutMs.value;
    const since = effect.dueAt - given;
    if (effect.runnerId) doubtRunner(tx, effect.runnerId, since);
    if (effect.kind === 'run.start') startUnknown(tx, effect, since);
    else if (!tryAgain(tx, effect, failure(forRunner(effect) ? 'runner_unavailable' : 'container_failed', 'No outcome in time.'))) {
      giveUp(tx, effect, failure(forRunner(effect) ? 'runner_unavailable' : 'container_failed', 'There was never an outcome.'));
    }
  }
}
