import { failure, HOME_RUNNER, LIMITS } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { readTown } from '../config/store.ts';
import { touchWaiting } from '../gates.ts';
import { forgetRunner } from '../links/commands.ts';
import { record } from '../ledger/store.ts';
import { homeLink } from '../links/store.ts';
import { addEffectOnce, allEffects, CONTAINER } from '../outbox/store.ts';
import { isOver, isToCome } from '../over.ts';
import { liveRuns } from '../runs/store.ts';
import type { Tx } from '../tx.ts';
import { containerFailed } from './commands.ts';
import { renewDown, startedAnew } from './down.ts';
import { readContainer, setContainer, setDown, setIdleSince, type Container, type StopReason } from './store.ts';

/** Something for the container's runner to do: an effect, or a run that is not merely a Mayor between messages. What is with machines starts no container. */
export const runnerIsNeeded = (sql: Sql): boolean =>
  allEffects(sql).some((effect) => effect.runnerId === HOME_RUNNER && effect.state !== 'parked') ||
  liveRuns(sql).some((run) => run.runnerId === HOME_RUNNER && (run.state !== 'idle' || run.beadId !== null));

/** When a running container is stopped whose runner has nothing to do: after `mayorIdleStopMs`, whatever machines and people do meanwhile (CT-7). */
export const idleStopAt = ({ idleSince, since }: Container): number => (idleSince ?? since) + LIMITS.mayorIdleStopMs.value;

/** It was not idle, and its runner not down, since a time to come: the clock was ahead. */
export function renewContainer(tx: Tx): void {
  const now = readContainer(tx.sql);
  const { idleSince } = now;
  renewDown(tx, now);
  if (idleSince !== null && isToCome(idleSince, tx.now)) setIdleSince(tx, tx.now);
}

/** Due work of the container: a start or stop that did not show in time, a failed start that is tried again. */
export function containerDue(tx: Tx): void {
  const now = readContainer(tx.sql);
  if (now.dueAt === null || !isOver(now.dueAt, tx.now, LIMITS.runnerRestartWindowMs.value)) return;
  if (now.state === 'stopping') {
    setContainer(tx, { ...now, state: 'stopped', dueAt: null });
    forgetRunner(tx, true);
  } else if (now.state === 'failed' || now.state === 'stopped') {
    setContainer(tx, { ...now, state: 'stopped', dueAt: null });
    if (now.state === 'failed') touchWaiting(tx);
  } else if (homeLink(tx.sql).connected) {
    setContainer(tx, { ...now, dueAt: null });
  } else {
    const seconds = LIMITS.startTimeoutMs.value / 1_000;
    if (now.state === 'running') forgetRunner(tx, false);
    containerFailed(tx, failure('runner_unavailable', `No runner connected within ${seconds} seconds.`));
    // A runner that hangs keeps its container running, and starting what runs changes nothing. One whose link is only down has had its time twice.
    if (now.failures > 0) addEffectOnce(tx, 'container.stop', CONTAINER, readTown(tx.sql)?.id ?? '', null);
  }
}

/** Rule: the container runs while there is something to do for its runner, and stops when there was nothing for long enough. */
export function keepContainer(tx: Tx): void {
  const town = readTown(tx.sql);
  const now = readContainer(tx.sql);
  const up = now.state === 'running' || now.state === 'starting';
  if (!town || town.deletedAt !== null) {
    if (up) stop(tx, 'town_deleted');
    return;
  }
  const needed = runnerIsNeeded(tx.sql);
  if (needed && now.state === 'stopped' && now.dueAt === null) {
    setContainer(tx, { ...now, state: 'starting', dueAt: null });
    addEffectOnce(tx, 'container.start', CONTAINER, town.id, null);
    startedAnew(tx, now);
  }
  if (now.state === 'running') keepIdle(tx, now, !needed);
}
function keepIdle(tx: Tx, now: Container, idle: boolean): void {
  if (idle !== (now.idleSince !== null)) return setIdleSince(tx, idle ? tx.now : null);
  if (idle && idleStopAt(now) <= tx.now) stop(tx, 'no_active_work');
}
function stop(tx: Tx, reason: StopReason): void {
  const now = readContainer(tx.sql);
  setContainer(tx, { ...now, state: 'stopping', dueAt: tx.now + LIMITS.effectTimeoutMs.value, reason });
  setDown(tx, null);
  record(tx, { type: 'container_stops', data: { reason } });
  addEffectOnce(tx, 'container.stop', CONTAINER, readTown(tx.sql)?.id ?? '', null);
}
