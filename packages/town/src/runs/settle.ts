import { failure, HOME_RUNNER, LIMITS, type Failure, type FailureSource } from '@gastown/protocol';
import { findAgent, updateAgent } from '../agents/store.ts';
import { backoffMs } from '../backoff.ts';
import { mustMove } from '../beads/status.ts';
import { findBead, issueOf, updateIssue, type Issue } from '../beads/store.ts';
import { escalate } from '../escalations/commands.ts';
import { touchWaiting } from '../gates.ts';
import { findLink } from '../links/store.ts';
import { keepNudge, nudgeAgain, nudgeDelivered, openNudges } from '../messages/store.ts';
import { addEffectOnce, dropEffects } from '../outbox/store.ts';
import { doubtRig } from '../rigs/looks.ts';
import { mergesOfBeads } from '../merges/store.ts';
import type { Tx } from '../tx.ts';
import { blamesItsMachine } from './avoided.ts';
import { runSubject, runTarget } from './begin.ts';
import { startFailed } from './breaker.ts';
import { breaksRig, chargeOf, isInterrupted, type Charge } from './charges.ts';
import { isModelHeld } from './provider.ts';
import { findRun, liveRunOfAgent, runsOfBead, type Run } from './store.ts';
import { expireUnread } from './unread.ts';

/** Rule: what follows from runs that ended in this transaction, for their effects, messages, agent and bead. */
export function settleRuns(tx: Tx): void {
  for (const id of tx.touched.runs) {
    const run = findRun(tx.sql, id);
    if (!run || !tx.ended.has(id) || tx.settled.has(id)) continue;
    tx.settled.add(id);
    settleEffects(tx, run);
    settleNudges(tx, run);
    if (run.failure && run.rigId && breaksRig(run.failure.code)) doubtRig(tx, run.rigId, run.failure);
    if (run.beadId) settleBead(tx, run);
    else settleMayor(tx, run);
  }
}

/** Nothing more is done for the run, except that the runner lets go of it, if it ever had it and is still there. */
function settleEffects(tx: Tx, run: Run): void {
  const target = runTarget(run.id);
  const dropped = dropEffects(tx, target, (effect) => effect.kind === 'run.stop');
  const held = run.sessionId !== null || dropped.some((effect) => effect.handed > 0);
  if (held && !isRunnerGone(tx, run)) addEffectOnce(tx, 'run.stop', target, runSubject(run), run.runnerId);
}
/** Another process, or none. A start that the container's runner may have begun is stopped by the next one; a machine says what it has when it comes back. */
function isRunnerGone(tx: Tx, { runnerId, instance }: Run): boolean {
  const link = findLink(tx.sql, runnerId);
  if (!link || instance !== null) return link?.instance !== instance;
  return runnerId !== HOME_RUNNER && link.instance === null;
}

function settleNudges(tx: Tx, run: Run): void {
  if (liveRunOfAgent(tx.sql, run.agentId)) return;
  const interrupted = isInterrupted(run);
  const over = run.beadId !== null && run.endReason !== 'failed' && !interrupted;
  for (const nudge of openNudges(tx.sql, run.agentId)) {
    if (run.doneAt !== null && nudge.id === run.nudgeId) nudgeDelivered(tx, nudge.id);
    else if (over || (run.beadId !== null && nudge.source === 'town')) expireUnread(tx, nudge);
    else if (interrupted) keepNudge(tx, nudge.id);
    else if (nudge.expiresAt !== null && nudge.expiresAt <= tx.now) expireUnread(tx, nudge);
    else nudgeAgain(tx, nudge.id);
  }
}

/** While nothing is started with the model anyway, a run that met its provider costs nobody anything (RC-34). */
function costOf(tx: Tx, run: Run): Charge {
  const charge = chargeOf(run);
  if (charge === 'provider' && isModelHeld(tx.sql)) return 'free';
  if (blamesItsMachine(tx.sql, run, tx.now)) return 'free';
  return losesAgainAndAgain(runsOfBead(tx.sql, run.beadId ?? '')) ? 'attempt' : charge;
}
/** Whatever loses runner after runner may be what ends them, and each agent that finds its repository away has cost money: neither is tried for ever (I8). */
function losesAgainAndAgain(runs: readonly Run[]): boolean {
  // A start that finds no repository has asked no model; between two agents it changes nothing.
  const counted = runs.filter((run) => !isAway(run) || run.sessionId !== null);
  if (counted.at(-1) !== runs.at(-1)) return false;
  const last = counted.slice(-LIMITS.lossesInARow.value);
  return last.length === LIMITS.lossesInARow.value && last.every((run) => run.failure?.code === 'runner_lost' || isAway(run));
}
const isAway = ({ failure: why }: Run): boolean => why !== null && breaksRig(why.code);

function settleMayor(tx: Tx, run: Run): void {
  const mayor = findAgent(tx.sql, run.agentId);
  if (!mayor || costOf(tx, run) === 'free') return;
  const failures = mayor.failures + 1;
  const over = failures >= LIMITS.dispatchAttempts.value;
  updateAgent(tx, mayor.id, { failures, retry_at: over ? null : tx.now + backoffMs(tx, failures) });
  if (!over) return;
  const message = `The Mayor could not work ${failures} times in a row: ${run.failure!.message}`;
  escalate(tx, { beadId: null, rigId: null, agentId: mayor.id, severity: 'high', category: 'lifecycle', message });
}

function settleBead(tx: Tx, run: Run): void {
  const bead = run.beadId ? findBead(tx.sql, run.beadId) : null;
  if (bead?.status !== 'in_progress' || runsOfBead(tx.sql, bead.id).at(-1)?.id !== run.id) return;
  const issue = issueOf(tx.sql, bead.id);
  const why = run.failure ?? failure('stopped_by_person');
  const charge = costOf(tx, run);
  const data = { runId: run.id, failure: why };
  if (charge === 'free') return mustMove(tx, bead.id, 'open', { data });
  if (charge === 'final') return failIssue(tx, issue, why, 'patrol');
  if (charge === 'attempt') return chargeAttempt(tx, issue, why);
  if (startFailed(tx, why)) touchWaiting(tx);
  const starts = (isCooledDown(tx, bead.id, run) ? 0 : issue.starts) + 1;
  const hopeless = charge === 'start' && (why.details?.retry === false || starts >= LIMITS.dispatchAttempts.value);
  updateIssue(tx, bead.id, { starts, failure: JSON.stringify(why) });
  if (hopeless)
    return failIssue(
      tx,
      issue,
      failure('dispatch_failed', `No agent could be started: ${why.message}`, { ...particulars(why), code: why.code, starts }, why.next),
    );
  mustMove(tx, bead.id, 'open', { retryAt: tx.now + backoffMs(tx, starts), data });
}

/** What the runner told of it: the setup command and its output, say (AG-22). */
function particulars({ details }: Failure): NonNullable<Failure['details']> {
  const { retry: _retry, ...told } = details ?? {};
  return told;
}

/** The run before this one ended so long ago that its failed start counts no more (RC-33). */
function isCooledDown(tx: Tx, beadId: string, run: Run): boolean {
  const before = runsOfBead(tx.sql, beadId).findLast((other) => other.generation < run.generation);
  return before !== undefined && run.startedAt - (before.endedAt ?? 0) > LIMITS.attemptsCoolDownMs.value;
}

/** One failed attempt more: back in line, or failed with every reason collected and a person asked once (RC-31). */
export function chargeAttempt(tx: Tx, issue: Issue, why: Failure): void {
  const attempts = issue.attempts + 1;
  updateIssue(tx, issue.beadId, { attempts, failure: JSON.stringify(why) });
  if (attempts < LIMITS.attemptsPerBead.value) return mustMove(tx, issue.beadId, 'open', { data: { failure: why, attempts } });
  const reasons = reasonsOf(tx, issue.beadId).slice(-attempts);
  failIssue(
    tx,
    issue,
    failure('attempts_exhausted', `${attempts} attempts failed${toldOf(reasons)}`.slice(0, 2_000), { attempts, reasons }),
  );
}

/** What is the same each time is said once. */
const toldOf = (reasons: readonly string[]): string =>
  reasons.length > 1 && new Set(reasons).size === 1
    ? `, each for the same reason: ${reasons[0]}`
    : `. ${reasons.map((reason, at) => `${at + 1}. ${reason}`).join(' ')}`;

function failIssue(tx: Tx, issue: Issue, why: Failure, source: FailureSource = 'scheduler'): void {
  const reason = { ...why, source };
  updateIssue(tx, issue.beadId, { failure: JSON.stringify(reason) });
  mustMove(tx, issue.beadId, 'failed', { failure: reason });
  const { title, rigId, assigneeId } = findBead(tx.sql, issue.beadId)!;
  escalate(tx, {
    beadId: issue.beadId,
    rigId,
    agentId: assigneeId,
    severity: 'high',
    category: 'failed',
    message: `${title} failed: ${why.message}`,
  });
}

function reasonsOf(tx: Tx, beadId: string): string[] {
  const merges = new Map(mergesOfBeads(tx.sql, [beadId]).map((merge) => [merge.runId, merge]));
  return runsOfBead(tx.sql, beadId).flatMap((run, at, runs) => {
    const why = merges.get(run.id)?.failure ?? run.failure;
    const isCharged = why && (chargeOf({ failure: why, sessionId: 'any' }) === 'attempt' || losesAgainAndAgain(runs.slice(0, at + 1)));
    return isCharged ? [why.message] : [];
  });
}
