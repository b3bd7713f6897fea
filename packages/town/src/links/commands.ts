import {
  failure,
  HOME_RUNNER,
  LIMITS,
  ok,
  refuse,
  RUNS_OF_A_RUNNER,
  type FromRunner,
  type Report,
  type Result,
  type RunnerId,
} from '@gastown/protocol';
import type { TownCommand } from '../api.ts';
import { runnerArrived, runnerLeft } from '../container/commands.ts';
import { touchWaiting } from '../gates.ts';
import { record } from '../ledger/store.ts';
import { rememberMerges } from '../merges/forgotten.ts';
import { mergesUnderWay } from '../merges/store.ts';
import { isToCome, renewed } from '../over.ts';
import { addEffectOnce, allEffects, dropStops, sentAgain, timeAnew, uncountHanded } from '../outbox/store.ts';
import { runSubject, runTarget } from '../runs/begin.ts';
import { rememberEnds } from '../runs/forgotten.ts';
import { loseRuns } from '../runs/starts.ts';
import { findRun, liveRuns, touchRun } from '../runs/store.ts';
import { touch, type Tx } from '../tx.ts';
import { handBack, handBackUnbegun } from './handback.ts';
import { allLinks, findLink, homeLink, setLink, UNKNOWN, type Link } from './store.ts';

type Hello = Extract<FromRunner, { t: 'hello' }>;
const isHome = (runnerId: RunnerId): boolean => runnerId === HOME_RUNNER;
const unknownRunner = (runnerId: string) => refuse(failure('unknown_runner', `There is no runner ${runnerId}.`, { runnerId }));

/** One process at a time holds the link of a runner. The last that says hello is the runner; what an earlier one of it held is lost then. */
export function runnerHello(tx: Tx, runnerId: RunnerId, hello: Hello): Result<{ seq: number }> {
  const link = findLink(tx.sql, runnerId);
  if (!link) return unknownRunner(runnerId);
  const same = link.instance === hello.instance;
  const known = same ? link : UNKNOWN;
  setLink(tx, {
    ...known,
    runnerId,
    instance: hello.instance,
    connected: true,
    agentKinds: hello.agentKinds,
    heardAt: tx.now,
    doubtedAt: null,
    isolation: hello.isolation ?? null,
    awayUntil: null,
    failure: null,
  });
  sentAgain(tx, runnerId);
  if (same) uncountHanded(tx, runnerId);
  else timeAnew(tx, runnerId);
  if (!same) loseRuns(tx, (run) => run.runnerId === runnerId && run.instance !== hello.instance);
  else loseIdleRunsNotHeld(tx, runnerId, hello);
  rememberEnds(tx);
  rememberMerges(tx);
  stopRunsNotKnown(tx, runnerId, hello);
  if (isHome(runnerId)) runnerArrived(tx);
  touchPresence(tx, runnerId);
  if (!same) drainEnded(tx, link);
  return ok({ seq: known.seq });
}

/** A quiet session that its runner does not list any more is gone; working ones have a lease, or a report under way that says so. */
function loseIdleRunsNotHeld(tx: Tx, runnerId: RunnerId, hello: Hello): void {
  const held = new Set<string>(hello.runs.map((run) => run.runId));
  loseRuns(tx, (run) => run.runnerId === runnerId && run.state === 'idle' && !held.has(run.id));
}
/** Only its own: what it says of a run that is with another runner says nothing. However often it says hello, no more stops wait for it than it can hold runs. */
function stopRunsNotKnown(tx: Tx, runnerId: RunnerId, hello: Hello): void {
  let room = RUNS_OF_A_RUNNER - allEffects(tx.sql).filter((effect) => effect.kind === 'run.stop' && effect.runnerId === runnerId).length;
  for (const held of hello.runs) {
    if (room <= 0) return;
    const run = findRun(tx.sql, held.runId);
    if (run && (run.runnerId !== runnerId || (run.state !== 'ended' && run.generation === held.generation))) continue;
    room -= 1;
    addEffectOnce(tx, 'run.stop', runTarget(held.runId), runSubject({ id: held.runId, generation: held.generation }), runnerId);
  }
}

/**
 * The socket closed: nothing is lost yet, leases decide; what was under way goes out again (RC-35). A machine may come back for `runnerAwayMs`; one that said before that
 * it ends has done so.
 */
export function runnerGone(tx: Tx, runnerId: RunnerId, instance: string): Result<{ current: boolean }> {
  const link = findLink(tx.sql, runnerId);
  if (!link || link.instance !== instance || !link.connected) return ok({ current: false });
  const ended = link.drainingAt !== null;
  setLink(tx, { ...link, connected: false, doubtedAt: null, failure: null, awayUntil: isHome(runnerId) ? null : awayUntil(tx, ended) });
  sentAgain(tx, runnerId);
  if (isHome(runnerId)) runnerLeft(tx);
  touchPresence(tx, runnerId);
  return ok({ current: true });
}
const awayUntil = (tx: Tx, ended: boolean): number => (ended ? tx.now : tx.now + LIMITS.runnerAwayMs.value);

/** Presence shows on the runs of a runner, on their agents and beads, and on beads whose merge a machine has. */
function touchPresence(tx: Tx, runnerId: RunnerId): void {
  if (!isHome(runnerId)) for (const merge of mergesUnderWay(tx.sql)) if (merge.runnerId === runnerId) touch(tx, 'beads', merge.beadId);
  for (const run of liveRuns(tx.sql)) if (run.runnerId === runnerId) touchRun(tx, run, 'bead');
}

/** The container is down: its runner, its runs and what was still to tell them are gone. */
export function forgetRunner(tx: Tx, expected: boolean): void {
  const link = homeLink(tx.sql);
  loseRuns(tx, (run) => isHome(run.runnerId) && (!expected || run.state !== 'idle'));
  loseRuns(tx, (run) => isHome(run.runnerId), 'stopped');
  dropStops(tx, HOME_RUNNER);
  sentAgain(tx, HOME_RUNNER);
  const forgotten = { ...link, ...UNKNOWN, instance: null, connected: false };
  /** A container that says again and again that it is down changes nothing, and no page hears of it (RC-29). */
  if (JSON.stringify(forgotten) === JSON.stringify(link)) return;
  setLink(tx, forgotten);
  touchPresence(tx, HOME_RUNNER);
  drainEnded(tx, link);
}

/**
 * This instance was asked to end (DR-1). It is a fact of the instance, kept with it and gone with it: there is nothing to clear, and nothing that could be forgotten
 * to be cleared (H7, DR-4). One that said so and does not end is wedged. What a machine has not begun, another begins: nobody knows when the next one comes.
 */
export function runnerDrains(
  tx: Tx,
  { runnerId, instance }: Pick<Link, 'runnerId'> & { instance: string },
  { graceMs }: Extract<Report, { kind: 'draining' }>,
): 'applied' | 'unknown_run' {
  const link = findLink(tx.sql, runnerId);
  if (link?.instance !== instance) return 'unknown_run';
  if (link.drainingAt !== null) return 'applied';
  const until = tx.now + Math.min(graceMs, LIMITS.drainMs.value) + LIMITS.drainEndMs.value;
  setLink(tx, { ...link, drainingAt: tx.now, drainUntil: until });
  record(tx, { type: 'runner_drains', data: { runnerId, instance, graceMs } });
  if (!isHome(runnerId)) handBackUnbegun(tx, (at) => at === runnerId, failure('runner_drained', 'The runner ended before this began.'));
  touchPresence(tx, runnerId);
  touchWaiting(tx);
  return 'applied';
}
function drainEnded(tx: Tx, { runnerId, drainingAt }: Link): void {
  if (drainingAt === null) return;
  touchPresence(tx, runnerId);
  touchWaiting(tx);
}

/** Nothing was heard, or doubted, in times to come; a machine that is away, or a runner that is ending, has as long as one that goes now, and could have used it. */
export function renewLinks(tx: Tx): void {
  const past = (at: number | null): number | null => (at !== null && isToCome(at, tx.now) ? tx.now : at);
  const limit = (at: number | null, longest: number): number | null => (at === null ? null : renewed(at, tx.now, longest));
  for (const link of allLinks(tx.sql)) {
    const next = {
      ...link,
      heardAt: past(link.heardAt),
      doubtedAt: past(link.doubtedAt),
      awayUntil: limit(link.awayUntil, LIMITS.runnerAwayMs.value),
      drainUntil: limit(link.drainUntil, LONGEST_DRAIN_MS),
    };
    if (!TIMES.some((time) => next[time] !== link[time])) continue;
    setLink(tx, next);
    if (next.awayUntil !== link.awayUntil) touchPresence(tx, link.runnerId);
  }
}
const LONGEST_DRAIN_MS = LIMITS.drainMs.value + LIMITS.drainEndMs.value;
const TIMES = ['heardAt', 'doubtedAt', 'awayUntil', 'drainUntil'] as const;

/** Due work: a machine went and did not come back in time. */
export function giveUpAway(tx: Tx): void {
  for (const { runnerId, awayUntil: until } of allLinks(tx.sql)) {
    if (until === null || until > tx.now) continue;
    handBack(tx, runnerId, failure('runner_lost', 'The machine that held this went and did not come back in time.'));
    const link = findLink(tx.sql, runnerId);
    if (link) setLink(tx, { ...link, ...UNKNOWN, instance: null, awayUntil: null });
    dropStops(tx, runnerId);
  }
}

/**
 * Reports are numbered within an instance: what was seen is ignored, a gap is refused because what is missing would be lost (I18). Of an instance
 * that is new here the first report gives the number: it may be one that was forgotten, and says again everything that was not acknowledged.
 */
export function checkSeq(tx: Tx, command: Extract<TownCommand, { kind: 'runner.report' }>): Result<Link | 'seen'> {
  const link = findLink(tx.sql, command.runnerId);
  if (!link) return unknownRunner(command.runnerId);
  if (link.instance !== command.instance) return refuse(failure('runner_lost', 'Another runner took the place of this one.'));
  if (command.seq <= link.seq) return ok('seen');
  if (link.seq > 0 && command.seq > link.seq + 1) {
    return refuse(
      failure('invalid_input', `seq: expected ${link.seq + 1}, received ${command.seq}.`, { field: 'seq', expected: link.seq + 1 }),
    );
  }
  return ok(link);
}
