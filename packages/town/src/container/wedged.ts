import { failure, HOME_RUNNER, LIMITS, type Failure } from '@gastown/protocol';
import { backoffMs } from '../backoff.ts';
import { readTown } from '../config/store.ts';
import { escalate } from '../escalations/commands.ts';
import { touchWaiting } from '../gates.ts';
import { record } from '../ledger/store.ts';
import { forgetRunner } from '../links/commands.ts';
import { wedgedAt } from '../links/doubt.ts';
import { handBack } from '../links/handback.ts';
import { allLinks, setDoubt, setLink, type Link } from '../links/store.ts';
import { isToCome } from '../over.ts';
import { addEffectOnce, CONTAINER, dropEffects } from '../outbox/store.ts';
import type { Tx } from '../tx.ts';
import { noteDown } from './down.ts';
import { readContainer, setContainer, type Container } from './store.ts';

/** Due work: a runner had its time. The container's is restarted; a machine is nobody's to restart: what it has goes to others, and it gets nothing until it is heard of. */
export function restartWedged(tx: Tx): void {
  for (const link of allLinks(tx.sql)) {
    const at = wedgedAt(link);
    if (at === null || at > tx.now) continue;
    setDoubt(tx, link.runnerId, null);
    const why = whyWedged(tx, link);
    if (link.runnerId !== HOME_RUNNER) loseMachine(tx, link, why);
    else if (readContainer(tx.sql).state === 'running') restart(tx, link, why);
  }
}
function loseMachine(tx: Tx, link: Link, why: Failure): void {
  setLink(tx, { ...link, doubtedAt: null, drainUntil: null, failure: why });
  record(tx, { type: 'runner_wedged', data: { runnerId: link.runnerId, failure: why } });
  handBack(tx, link.runnerId, failure('runner_lost', 'The machine that held this does not answer.'));
}
/** Nobody else can. */
const AT_THE_MACHINE = 'On that machine end ./gastown runner, and start it again; its log says what it was at.';
function whyWedged(tx: Tx, link: Link): Failure {
  const message =
    link.drainUntil !== null && link.drainUntil <= tx.now
      ? 'The runner was asked to end and did not.'
      : `The runner is connected and was not heard of for ${Math.round((tx.now - (link.heardAt ?? link.doubtedAt ?? tx.now)) / 1_000)} seconds while it owed an answer.`;
  return failure('runner_wedged', message, undefined, link.runnerId === HOME_RUNNER ? undefined : AT_THE_MACHINE);
}

function restart(tx: Tx, { doubtedAt, drainUntil }: Link, why: Failure): void {
  const now = readContainer(tx.sql);
  const restarts = restartsOf(tx, now);
  record(tx, { type: 'runner_wedged', data: { failure: why, restarts: restarts.length } });
  noteDown(tx, 'wedged', Math.min(doubtedAt ?? tx.now, drainUntil ?? tx.now));
  if (restarts.length >= LIMITS.runnerRestarts.value) return giveUp(tx, why, restarts);
  const next = { failure: why, failures: now.failures, restarts: [...restarts, tx.now], reason: 'runner_wedged' as const };
  setContainer(tx, { ...next, state: 'stopping', dueAt: tx.now + LIMITS.effectTimeoutMs.value });
  addEffectOnce(tx, 'container.stop', CONTAINER, readTown(tx.sql)?.id ?? '', null);
}
const restartsOf = (tx: Tx, { restarts }: Container): number[] =>
  restarts.filter((at) => at > tx.now - LIMITS.runnerRestartWindowMs.value && !isToCome(at, tx.now));

/** It worked, and ended unasked: started anew, ever later, and not for ever. Work that kills its runner would go round without end otherwise, and cost with each round (I8). */
export function runnerDied(tx: Tx, why: Failure): void {
  const now = readContainer(tx.sql);
  const restarts = restartsOf(tx, now);
  record(tx, { type: 'runner_died', data: { failure: why, restarts: restarts.length } });
  noteDown(tx, 'died');
  dropEffects(tx, CONTAINER);
  if (restarts.length >= LIMITS.runnerDeaths.value) return giveUp(tx, why, restarts);
  const dueAt = restarts.length === 0 ? null : tx.now + backoffMs(tx, restarts.length);
  setContainer(tx, { state: 'stopped', failure: why, failures: now.failures, dueAt, restarts: [...restarts, tx.now] });
  touchWaiting(tx);
}

/** Restarted often enough: it is stopped, tried again when the window has passed, and a person is asked once. */
function giveUp(tx: Tx, why: Failure, restarts: readonly number[]): void {
  const { failures } = readContainer(tx.sql);
  const retryAt = Math.max(tx.now + LIMITS.effectTimeoutMs.value, (restarts[0] ?? tx.now) + LIMITS.runnerRestartWindowMs.value);
  setContainer(tx, { state: 'failed', failure: why, failures, dueAt: retryAt, restarts, reason: 'runner_wedged' });
  addEffectOnce(tx, 'container.stop', CONTAINER, readTown(tx.sql)?.id ?? '', null);
  forgetRunner(tx, false);
  touchWaiting(tx);
  const minutes = LIMITS.runnerRestartWindowMs.value / 60_000;
  escalate(tx, {
    beadId: null,
    rigId: null,
    agentId: null,
    severity: 'high',
    category: 'lifecycle',
    message: `The runner was restarted ${restarts.length} times within ${minutes} minutes and ended or hung again. ${why.message} Read its log; resume the town to try at once.`,
  });
}
