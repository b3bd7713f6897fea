import { failure, LIMITS, type Failure } from '@gastown/protocol';
import { backoffMs } from '../backoff.ts';
import { forgiveStarts } from '../beads/starts.ts';
import { touchWaiting } from '../gates.ts';
import { record } from '../ledger/store.ts';
import { homeLink } from '../links/store.ts';
import { CONTAINER, dropEffects } from '../outbox/store.ts';
import { forgetFailures } from '../runs/breaker.ts';
import { forgiveMayor } from '../runs/mayor.ts';
import type { Tx } from '../tx.ts';
import { noteDown, tellRecovered } from './down.ts';
import { readContainer, setContainer } from './store.ts';

/** Desired state is a rule (rule.ts); here is what is observed. `failures` counts starts in a row that gave no runner; five make `failed` (CT-7, PT-11). */
const FAILS_AFTER = 5;
const FAILED_RETRY_MS = 300_000;

export function containerFailed(tx: Tx, why: Failure): void {
  const now = readContainer(tx.sql);
  const failures = now.failures + 1;
  dropEffects(tx, CONTAINER);
  const broken = failures >= FAILS_AFTER;
  noteDown(tx, broken ? 'failed' : 'away', now.state === 'starting' ? now.since : tx.now);
  setContainer(tx, {
    state: broken ? 'failed' : 'stopped',
    failure: why,
    failures,
    dueAt: tx.now + (broken ? FAILED_RETRY_MS : backoffMs(tx, failures)),
  });
  if (broken) record(tx, { type: 'container_failed', data: { failure: why, failures } });
  touchWaiting(tx);
}

export function containerStopped(tx: Tx): void {
  const now = readContainer(tx.sql);
  if (now.state === 'failed' || (now.state === 'stopped' && now.dueAt !== null)) return;
  dropEffects(tx, CONTAINER);
  if (now.state === 'starting')
    return containerFailed(tx, failure('container_failed', 'The container stopped before its runner connected.'));
  if (now.state !== 'stopped') setContainer(tx, { ...now, state: 'stopped', dueAt: null });
}
/** It runs; whether it works shows when its runner connects. */
export function containerRuns(tx: Tx, connected: boolean): void {
  const now = readContainer(tx.sql);
  if (now.state === 'running' || now.state === 'stopping') return;
  setContainer(tx, { ...now, state: 'running', dueAt: connected ? null : tx.now + LIMITS.startTimeoutMs.value });
}
export function runnerArrived(tx: Tx): void {
  const now = readContainer(tx.sql);
  if (now.state !== 'stopping') tellRecovered(tx, now);
  if (now.state === 'running' && now.dueAt === null && now.failures === 0) return;
  if (now.state === 'starting') dropEffects(tx, CONTAINER);
  if (now.state !== 'stopping') setContainer(tx, { state: 'running', failure: null, failures: 0, dueAt: null });
  if (now.state === 'failed') touchWaiting(tx);
  if (now.failures >= FAILS_AFTER) endOutage(tx);
}
/** What failed while the machine was down says nothing of beads and agents (RC-33, RC-34). */
function endOutage(tx: Tx): void {
  forgetFailures(tx);
  forgiveStarts(tx);
  forgiveMayor(tx);
  touchWaiting(tx);
}
/** It should have stopped, and its runner is still there. */
export function stillRuns(tx: Tx, why: Failure): void {
  const now = readContainer(tx.sql);
  const { connected } = homeLink(tx.sql);
  if (now.state !== 'stopping' || now.reason !== 'no_active_work' || !connected) return;
  setContainer(tx, { ...now, state: 'running', failure: why, dueAt: null });
  record(tx, { type: 'container_stop_failed', data: { failure: why } });
  touchWaiting(tx);
}

export function runnerLeft(tx: Tx): void {
  const now = readContainer(tx.sql);
  if (now.state !== 'running') return;
  setContainer(tx, { ...now, dueAt: tx.now + LIMITS.startTimeoutMs.value });
  if (homeLink(tx.sql).drainingAt === null) noteDown(tx, 'away');
}
/** A person resumes the town: a container that failed is tried at once. */
export function forgiveContainer(tx: Tx): void {
  const now = readContainer(tx.sql);
  if (now.failures === 0 && now.state !== 'failed') return;
  setContainer(tx, {
    ...now,
    state: now.state === 'failed' ? 'stopped' : now.state,
    failures: 0,
    dueAt: now.state === 'failed' || now.state === 'stopped' ? null : now.dueAt,
  });
  touchWaiting(tx);
}
