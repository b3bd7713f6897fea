import { LIMITS, type Failure, type Report, type RunnerId } from '@gastown/protocol';
import { issueOf, updateIssue } from '../beads/store.ts';
import { touchWaiting } from '../gates.ts';
import { findLink } from '../links/store.ts';
import { findNudge, nudgeDelivered, openNudges } from '../messages/store.ts';
import { effectsFor, extendSent, removeEffect } from '../outbox/store.ts';
import { askPermission, withdrawRequest } from '../permissions/commands.ts';
import type { Tx } from '../tx.ts';
import { runTarget } from './begin.ts';
import { startWorked } from './breaker.ts';
import { forgiveMayor } from './mayor.ts';
import { believed, turnFailure } from './provider.ts';
import { handInRefused } from './refused.ts';
import { preparingMs } from './setup.ts';
import { endRun, findRun, setRunState, touchRun, updateRun, type Run } from './store.ts';

/** What a runner tells of its runs. Each is fenced: a report about a run that is over, was replaced or is with another runner changes nothing (I2, I18). */
export type RunReport = Exclude<Report, { kind: 'outcome' | 'draining' }>;
export type Applied = 'applied' | 'unknown_run' | 'stale_generation' | 'run_over';

export const leaseEnd = (tx: Tx): number => tx.now + LIMITS.leaseMs.value;

function fenced(tx: Tx, ref: { runId: string; generation: number }, by: RunnerId): Run | Exclude<Applied, 'applied'> {
  const run = findRun(tx.sql, ref.runId);
  if (run?.runnerId !== by) return 'unknown_run';
  if (run.generation !== ref.generation) return 'stale_generation';
  return run.state === 'ended' ? 'run_over' : run;
}

export function applyReport(tx: Tx, report: RunReport, by: RunnerId): Applied {
  if (report.kind === 'renew') {
    for (const one of report.runs) {
      const run = fenced(tx, one, by);
      if (typeof run !== 'string') renewRun(tx, run, one.lastActivityAt);
    }
    return 'applied';
  }
  const run = fenced(tx, report, by);
  if (typeof run === 'string') return run;
  switch (report.kind) {
    case 'turn.started':
      turnStarted(tx, run, report.nudgeId);
      break;
    case 'session.renewed':
      /** What the door saw was about the session before. */
      if (run.sessionId !== null) updateRun(tx, run, { session_id: report.sessionId, last_activity_at: tx.now, trouble: null });
      break;
    case 'turn.ended':
      turnEnded(tx, run, turnFailure(run, report.stopReason, report.failure));
      break;
    case 'hand_in.refused':
      handInRefused(tx, run, report.failure);
      break;
    case 'run.lost':
      lost(tx, run, report.failure);
      break;
    case 'permission.asked':
      askPermission(tx, run, report);
      break;
    case 'permission.withdrawn':
      withdrawRequest(tx, run, report.requestId);
      break;
    case 'status':
      if (run.statusLine !== report.statusLine) updateRun(tx, run, { status_line: report.statusLine, last_activity_at: tx.now });
      break;
  }
  return 'applied';
}

/** At most one write a run in `leaseRenewMs`, however often its holder is heard of. That it lives is no activity (PT-4), and no clock but ours counts. */
export function renewRun(tx: Tx, run: Run, lastActivityAt: number = tx.now): void {
  if (run.leaseUntil === null) return extendStart(tx, run);
  const known = run.lastActivityAt ?? 0;
  const heard = Math.max(known, Math.min(lastActivityAt, tx.now));
  const coarse = LIMITS.leaseRenewMs.value / 2;
  if (run.leaseUntil - tx.now > LIMITS.leaseMs.value - coarse && heard - known < coarse) return;
  updateRun(tx, run, { lease_until: leaseEnd(tx), last_activity_at: heard });
}
/** A start under way has its lease on the effect: the runner that says it is at its worktree gets more time, and its bead says so; not for ever (I8). */
function extendStart(tx: Tx, run: Run): void {
  if (run.state !== 'starting') return;
  const sent = effectsFor(tx.sql, runTarget(run.id)).find((effect) => effect.state === 'sent');
  if (!sent) return;
  const since = sent.extendedSince ?? tx.now;
  const last = Math.min(tx.now, since + preparingMs(tx.sql, run));
  const deadline = Math.max(sent.dueAt, last + LIMITS.startTimeoutMs.value);
  if (deadline === sent.dueAt && sent.extendedSince !== null) return;
  extendSent(tx, sent, deadline, since);
  if (sent.extendedSince === null) touchRun(tx, run, 'bead');
}

/** A session that only waited for messages ends with its runner, and nothing failed by that. */
function lost(tx: Tx, run: Run, why: Failure): void {
  if (run.doneAt !== null) endRun(tx, run, 'done', null);
  else if (run.beadId === null && run.state === 'idle' && why.code === 'runner_drained') endRun(tx, run, 'stopped', null);
  else endRun(tx, run, 'failed', believed(tx, run, why));
}

/** A message belongs to the agent that it was written to, whatever a run says (MS-9). */
function turnStarted(tx: Tx, run: Run, said: string | null): void {
  const nudgeId = findNudge(tx.sql, said ?? '')?.agentId === run.agentId ? said : null;
  const patch = {
    lease_until: leaseEnd(tx),
    last_activity_at: tx.now,
    nudge_id: nudgeId,
    instance: findLink(tx.sql, run.runnerId)?.instance ?? null,
    trouble: null,
  };
  setRunState(tx, run, 'working', patch);
  const prompt = effectsFor(tx.sql, runTarget(run.id)).find((effect) => effect.subject === nudgeId);
  if (prompt) removeEffect(tx, prompt);
}

function turnEnded(tx: Tx, run: Run, why: Failure | null): void {
  if (run.state !== 'working') return;
  if (why) return endRun(tx, run, run.doneAt === null ? 'failed' : 'done', run.doneAt === null ? believed(tx, run, why) : null);
  /** A message that is with the runner and had no turn yet is watched until it has one (I3). */
  const awaited = openNudges(tx.sql, run.agentId).some((nudge) => nudge.state === 'sent' && nudge.id !== run.nudgeId);
  setRunState(tx, run, 'idle', { lease_until: awaited ? leaseEnd(tx) : null, last_activity_at: tx.now, nudge_id: null });
  if (run.nudgeId) nudgeDelivered(tx, run.nudgeId);
  if (run.nudgeId === null && startWorked(tx)) touchWaiting(tx);
  if (!run.beadId) return forgiveMayor(tx);
  if (issueOf(tx.sql, run.beadId).starts > 0) updateIssue(tx, run.beadId, { starts: 0 });
}
