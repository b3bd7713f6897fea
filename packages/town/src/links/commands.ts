import { failure, LIMITS, ok, refuse, type FromRunner, type Report, type Result } from '@gastown/protocol';
import type { TownCommand } from '../api.ts';
import { touchTown } from '../config/store.ts';
import { touchWaiting } from '../gates.ts';
import { runnerArrived, runnerLeft } from '../container/commands.ts';
import { record } from '../ledger/store.ts';
import { addEffectOnce, dropStops, handedBack, sentAgain } from '../outbox/store.ts';
import { runSubject, runTarget } from '../runs/begin.ts';
import { rememberEnds } from '../runs/forgotten.ts';
import { loseRuns } from '../runs/starts.ts';
import { findRun, liveRuns } from '../runs/store.ts';
import { touch, type Tx } from '../tx.ts';
import { readLink, setLink, UNKNOWN } from './store.ts';

type Hello = Extract<FromRunner, { t: 'hello' }>;

/** The link: one runner at a time. The last that says hello is the town's runner; what an earlier one held is lost then. */
export function runnerHello(tx: Tx, hello: Hello): Result<{ seq: number }> {
  const link = readLink(tx.sql);
  const same = link.instance === hello.instance;
  const known = same ? link : UNKNOWN;
  setLink(tx, {
    ...known,
    instance: hello.instance,
    connected: true,
    agentKinds: hello.agentKinds,
    heardAt: tx.now,
    doubtedAt: null,
    isolation: hello.isolation ?? null,
  });
  sentAgain(tx);
  if (same) handedBack(tx);
  if (!same) loseRuns(tx, (run) => run.instance !== hello.instance);
  else loseIdleRunsNotHeld(tx, hello);
  rememberEnds(tx);
  stopRunsNotKnown(tx, hello);
  runnerArrived(tx);
  touchStarting(tx);
  if (!same) drainEnded(tx, link.drainingAt);
  return ok({ seq: known.seq });
}

/** A quiet session that its runner does not list any more is gone; working ones have a lease, or a report under way that says so. */
function loseIdleRunsNotHeld(tx: Tx, hello: Hello): void {
  const held = new Set<string>(hello.runs.map((run) => run.runId));
  loseRuns(tx, (run) => run.state === 'idle' && !held.has(run.id));
}
function stopRunsNotKnown(tx: Tx, hello: Hello): void {
  for (const held of hello.runs) {
    const run = findRun(tx.sql, held.runId);
    if (run && run.state !== 'ended' && run.generation === held.generation) continue;
    addEffectOnce(tx, 'run.stop', runTarget(held.runId), runSubject({ id: held.runId, generation: held.generation }));
  }
}

/** The socket closed: nothing is lost yet, leases decide; what was under way goes out again (RC-35). */
export function runnerGone(tx: Tx, instance: string): Result<{ current: boolean }> {
  const link = readLink(tx.sql);
  if (link.instance !== instance || !link.connected) return ok({ current: false });
  setLink(tx, { ...link, connected: false, doubtedAt: null });
  sentAgain(tx);
  runnerLeft(tx);
  touchStarting(tx);
  return ok({ current: true });
}

/** Presence shows on the town, and on beads whose agent is starting. */
function touchStarting(tx: Tx): void {
  touchTown(tx);
  for (const run of liveRuns(tx.sql)) if (run.state === 'starting' && run.beadId) touch(tx, 'beads', run.beadId);
}

/** The container is down: its runner, its runs and what was still to tell them are gone. */
export function forgetRunner(tx: Tx, expected: boolean): void {
  const link = readLink(tx.sql);
  loseRuns(tx, (run) => !expected || run.state !== 'idle');
  loseRuns(tx, () => true, 'stopped');
  dropStops(tx);
  setLink(tx, { ...link, ...UNKNOWN, instance: null, connected: false });
  sentAgain(tx);
  touchStarting(tx);
  drainEnded(tx, link.drainingAt);
}

/**
 * This instance was asked to end (DR-1). It is a fact of the instance, kept with it and gone with it: there is nothing to clear, and nothing that could be forgotten
 * to be cleared (H7, DR-4). One that said so and does not end is wedged.
 */
export function runnerDrains(tx: Tx, instance: string, { graceMs }: Extract<Report, { kind: 'draining' }>): 'applied' | 'unknown_run' {
  const link = readLink(tx.sql);
  if (link.instance !== instance) return 'unknown_run';
  if (link.drainingAt !== null) return 'applied';
  const until = tx.now + Math.min(graceMs, LIMITS.drainMs.value) + LIMITS.drainEndMs.value;
  setLink(tx, { ...link, drainingAt: tx.now, drainUntil: until });
  record(tx, { type: 'runner_drains', data: { instance, graceMs } });
  touchStarting(tx);
  touchWaiting(tx);
  return 'applied';
}
function drainEnded(tx: Tx, since: number | null): void {
  if (since === null) return;
  touchStarting(tx);
  touchWaiting(tx);
}

/**
 * Reports are numbered within an instance: what was seen is ignored, a gap is refused because what is missing would be lost (I18). Of an instance
 * that is new here the first report gives the number: it may be one that was forgotten, and says again everything that was not acknowledged.
 */
export function checkSeq(tx: Tx, command: Extract<TownCommand, { kind: 'runner.report' }>): Result<'new' | 'seen'> {
  const link = readLink(tx.sql);
  if (link.instance !== command.instance) return refuse(failure('runner_lost', 'Another runner took the place of this one.'));
  if (command.seq <= link.seq) return ok('seen');
  if (link.seq > 0 && command.seq > link.seq + 1) {
    return refuse(
      failure('invalid_input', `seq: expected ${link.seq + 1}, received ${command.seq}.`, { field: 'seq', expected: link.seq + 1 }),
    );
  }
  return ok('new');
}
