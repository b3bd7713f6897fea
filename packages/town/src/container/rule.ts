import { failure, HOME_RUNNER, LIMITS } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { readTown } from '../config/store.ts';
import { touchWaiting } from '../gates.ts';
import { forgetRunner } from '../links/commands.ts';
import { record } from '../ledger/store.ts';
import { homeLink } from '../links/store.ts';
import { addEffectOnce, allEffects, CONTAINER } from '../outbox/store.ts';
import { isOver } from '../over.ts';
import { liveRuns } from '../runs/store.ts';
import { lastChangeAt } from '../sync/changes.ts';
import { showsChange, type Tx } from '../tx.ts';
import { containerFailed } from './commands.ts';
import { readContainer, setContainer, type StopReason } from './store.ts';

/** Something for the container's runner to do: an effect, or a run that is not merely a Mayor between messages. What is with machines starts no container. */
export const runnerIsNeeded = (sql: Sql): boolean =>
  allEffects(sql).some((effect) => effect.runnerId === HOME_RUNNER && effect.state !== 'parked') ||
  liveRuns(sql).some((run) => run.runnerId === HOME_RUNNER && (run.state !== 'idle' || run.beadId !== null));

/** When a running container with nothing to do is stopped: the town has shown no change for `mayorIdleStopMs` (CT-7). */
export const idleStopAt = (sql: Sql): number => lastChangeAt(sql) + LIMITS.mayorIdleStopMs.value;

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

/** Rule: the container runs while there is something to do for its runner, and stops when the town was quiet for long enough. */
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
  }
  if (!needed && now.state === 'running' && !showsChange(tx) && idleStopAt(tx.sql) <= tx.now) stop(tx, 'no_active_work');
}
function stop(tx: Tx, reason: StopReason): void {
  const now = readContainer(tx.sql);
  setContainer(tx, { ...now, state: 'stopping', dueAt: tx.now + LIMITS.effectTimeoutMs.value, reason });
  record(tx, { type: 'container_stops', data: { reason } });
  addEffectOnce(tx, 'container.stop', CONTAINER, readTown(tx.sql)?.id ?? '', null);
}
