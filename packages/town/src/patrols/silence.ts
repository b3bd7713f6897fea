import { failure, HOME_RUNNER, LIMITS, type Failure, type RunnerId } from '@gastown/protocol';
import { findAgent } from '../agents/store.ts';
import type { Sql } from '../api.ts';
import { findBead } from '../beads/store.ts';
import { theTown } from '../config/store.ts';
import { readContainer } from '../container/store.ts';
import { closeEscalationsOf, escalate } from '../escalations/commands.ts';
import { questionOf } from '../escalations/store.ts';
import { record } from '../ledger/store.ts';
import { findLink } from '../links/store.ts';
import { addNudge, expireNudge, openNudges } from '../messages/store.ts';
import { asksNow } from '../permissions/rule.ts';
import { awayOf } from '../runs/away.ts';
import { endRun, isSilent, prodsOf, updateRun, type Run } from '../runs/store.ts';
import { interruptRun } from '../runs/turns.ts';
import { requestTriage, settleTriageOf } from '../triage/request.ts';
import type { Tx } from '../tx.ts';
import { threshold } from './settings.ts';

/**
 * The propulsion ladder (PT-3): an agent with a bead and without activity is nudged, warned, told of to a person, stopped. Each step is taken once
 * for one silence, no sooner after the one before than the ladder says, so that whoever was put on hold for hours is nudged first. Nothing is
 * written while an agent is active: when the next step is due is read from its run. One that goes on after each warning, only to be silent again, is warned a
 * bounded number of times; then a person is asked at once (I8).
 */
const STEPS = ['silenceNudgeMs', 'silenceWarnMs', 'silenceEscalateMs', 'silenceStopMs'] as const;

/** An agent that still has its bead in hand; one that handed in and does not end is let go at the first step. */
const isWatched = (run: Run): boolean => run.beadId !== null && run.sessionId !== null && run.lastActivityAt !== null;

/** When the next step against one of these is due; null: none is watched, or nothing can be expected of any now (PT-5). Asked of the earliest first. */
export function nextSilence(sql: Sql, runs: readonly Run[]): number | null {
  const steps = runs.flatMap((run) => {
    const at = stepAt(sql, run);
    return at === null ? [] : [{ run, at }];
  });
  return steps.toSorted((a, b) => a.at - b.at).find(({ run }) => mayAct(sql, run))?.at ?? null;
}
const mayAct = (sql: Sql, run: Run): boolean => {
  const hold = holdOf(sql, run);
  return hold === null || (hold === 'person' && !isSilent(run));
};

/** When the next step against this run is due, unless it is on hold. */
function stepAt(sql: Sql, run: Run): number | null {
  if (!isWatched(run)) return null;
  const step = prodsOf(run);
  const wait = (at: number): number => (at < 0 ? 0 : threshold(sql, STEPS[Math.min(at, STEPS.length - 1)]!));
  if (step === 0) return run.lastActivityAt! + wait(0);
  return (run.proddedAt ?? 0) + wait(step) - wait(step - 1);
}

/** Why no step is taken (PT-5): nothing is expected of it now, or a person is to act first. */
function holdOf(sql: Sql, run: Run): 'nothing_expected' | 'person' | null {
  if (!isExpectedFrom(sql, run.runnerId) || asksNow(sql, run.id)) return 'nothing_expected';
  return theTown(sql).paused || questionOf(sql, run) !== null ? 'person' : null;
}
/** A runner that is there and does not end. The container is no part of a run on a machine, and stops by itself while only machines work. */
function isExpectedFrom(sql: Sql, runnerId: RunnerId): boolean {
  const link = findLink(sql, runnerId);
  return link?.connected === true && link.drainingAt === null && (runnerId !== HOME_RUNNER || readContainer(sql).state === 'running');
}
export function watchSilence(tx: Tx, run: Run): void {
  if (run.prods > 2 && prodsOf(run) === 0) endSilence(tx, run, 'The agent is active again.');
  const due = stepAt(tx.sql, run);
  if (due === null || due > tx.now || !mayAct(tx.sql, run)) return;
  /** It is not disturbed, and not said to work either (I10). */
  if (holdOf(tx.sql, run) === 'person') return updateRun(tx, run, { prods: 0, prodded_at: tx.now });
  if (run.doneAt !== null) return endRun(tx, run, 'done', null);
  const step = stepOf(run);
  updateRun(tx, run, { prods: step + 1, prodded_at: tx.now });
  record(tx, {
    type: 'agent_silent',
    beadId: run.beadId,
    agentId: run.agentId,
    data: { runId: run.id, step: step + 1, ...since(tx, run) },
  });
  ACTS[Math.min(step, ACTS.length - 1)]!(tx, run);
}
const stepOf = (run: Run): number => {
  const step = prodsOf(run);
  return step === WARN && run.warnings >= LIMITS.silenceWarnings.value ? TELL : step;
};
const since = (tx: Tx, run: Run): { silentMs: number } => ({ silentMs: tx.now - (run.lastActivityAt ?? run.startedAt) });

const ACTS: readonly ((tx: Tx, run: Run) => void)[] = [remind, warn, tell, stop];
const [WARN, TELL] = [1, 2];

const QUIET = 'Nothing was heard of you for a while. Go on with your bead; when it is finished and committed, call gt_done.';
const WARNING =
  'You have been silent for so long that your turn was interrupted. Say in a heading what you are doing and go on. ' +
  'If you cannot go on, call gt_escalate and say what you need; without a sign of life this run is ended.';

/** It reads this when its turn ends. */
function remind(tx: Tx, run: Run): void {
  addNudge(tx, { agentId: run.agentId, text: QUIET, mode: 'wait-idle', source: 'town' }, false);
}
/** A turn that hangs never ends by itself: it is interrupted, and the warning takes the place of what it did not read. */
function warn(tx: Tx, run: Run): void {
  for (const nudge of openNudges(tx.sql, run.agentId)) if (nudge.state === 'pending' && nudge.text === QUIET) expireNudge(tx, nudge);
  addNudge(tx, { agentId: run.agentId, text: WARNING, mode: 'immediate', source: 'town' }, false);
  updateRun(tx, run, { warnings: run.warnings + 1 });
  if (run.state === 'working') interruptRun(tx, run);
}
function tell(tx: Tx, run: Run): void {
  const warned = run.warnings > 1 ? `It was warned ${run.warnings} times and fell silent each time. ` : '';
  const message = says(tx, run, `${warned}It is stopped if it stays so.`);
  escalate(tx, { beadId: run.beadId, rigId: run.rigId, agentId: run.agentId, severity: 'medium', category: 'lifecycle', message });
  askTriage(tx, run, message);
}
function stop(tx: Tx, run: Run): void {
  const away = awayOf(tx.sql, run);
  if (away) return endRun(tx, run, 'failed', away);
  const refused = run.failure === null ? '' : ` ${run.failure.message}`;
  const message = says(tx, run, `Its run was stopped, and the bead goes to another.${refused}`);
  askTriage(tx, run, message);
  endRun(tx, run, 'failed', byPatrol(failure('agent_stalled', message)));
}
export const byPatrol = (why: Failure): Failure => ({ ...why, source: 'patrol' });

function askTriage(tx: Tx, run: Run, message: string): void {
  const { agentId, beadId, rigId } = run;
  requestTriage(tx, { kind: 'stuck_agent', subject: beadId ?? agentId, agentId, beadId, rigId, message, evidence: { runIds: [run.id] } });
}
function says(tx: Tx, run: Run, then: string): string {
  const name = findAgent(tx.sql, run.agentId)?.name ?? run.agentId;
  const title = (run.beadId && findBead(tx.sql, run.beadId)?.title) ?? 'its bead';
  return `${name} has been silent for ${Math.round(since(tx, run).silentMs / 60_000)} minutes over "${title}". ${then}`;
}

function endSilence(tx: Tx, run: Run, notes: string): void {
  updateRun(tx, run, { prods: 0 });
  forgetSilence(tx, run, notes);
}
function forgetSilence(tx: Tx, run: Run, notes: string): void {
  if (!run.beadId) return;
  closeEscalationsOf(tx, run.beadId, 'lifecycle');
  settleTriageOf(tx, 'stuck_agent', run.beadId, notes);
}

/** Rule: a run that had been told of to a person and ended otherwise than by this patrol needs nobody any more. */
export function settleSilences(tx: Tx, run: Run): void {
  if (run.prods < 3 || run.failure?.source === 'patrol') return;
  forgetSilence(tx, run, 'The run is over.');
}
