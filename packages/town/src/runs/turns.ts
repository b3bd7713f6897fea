import { LIMITS } from '@gastown/protocol';
import { waitsForResume } from '../agents/commands.ts';
import { findAgent } from '../agents/store.ts';
import { theTown } from '../config/store.ts';
import { addNudge, agentsWithOpenNudges, expireNudge, nudgeSent, openNudges, type Nudge } from '../messages/store.ts';
import { addEffect, addEffectOnce } from '../outbox/store.ts';
import { lookAtRig } from '../rigs/looks.ts';
import { findRig } from '../rigs/store.ts';
import type { Tx } from '../tx.ts';
import { awayOf, isLookedAt } from './away.ts';
import { runSubject, runTarget } from './begin.ts';
import { isOutdated } from './model.ts';
import { withoutDone } from './refused.ts';
import { leaseEnd } from './reports.ts';
import { endRun, findRun, liveRunOfAgent, liveRuns, updateRun, type Run } from './store.ts';

const REMINDER =
  'Your turn ended, but your bead is still on your hook. If the work is finished and committed, call gt_done with a summary. If not, go on with it. ' +
  'If you cannot go on, call gt_escalate and say what you need.';

const AWAY =
  'Your turn ended, but your bead is still on your hook, and its repository cannot be used at the moment. What you committed is kept. If the work is finished, ' +
  'call gt_done once more; if that is refused because of the repository, end your turn: the bead goes on when the repository is back.';

/** Rule: a polecat whose turn ended reads what was written to it (AG-14); else it has handed in and is let go, or is reminded, or is given up (RC-31). */
export function finishTurns(tx: Tx): void {
  for (const id of new Set([...tx.touched.runs, ...waitingFor(tx, tx.touched.rigs)])) {
    const run = findRun(tx.sql, id);
    if (run?.state === 'idle' && run.beadId !== null) finishTurn(tx, run);
  }
}
/** Runs between their turns that wait for a look at one of these. */
const waitingFor = (tx: Tx, rigs: ReadonlySet<string>): string[] =>
  rigs.size === 0
    ? []
    : liveRuns(tx.sql).flatMap(({ id, rigId, state, leaseUntil }) =>
        state === 'idle' && leaseUntil !== null && rigId !== null && rigs.has(rigId) ? [id] : [],
      );
function finishTurn(tx: Tx, run: Run): void {
  if (run.doneAt !== null) return letGo(tx, run);
  if (openNudges(tx.sql, run.agentId).length > 0) return;
  const rig = run.rigId === null ? null : findRig(tx.sql, run.rigId);
  const away = awayOf(tx.sql, run);
  const reminders = run.reminders + 1;
  if (reminders > LIMITS.donePromptsPerRun.value) {
    if (away === null && isLookedAt(tx.sql, run)) return waitForLook(tx, run);
    return endRun(tx, run, 'failed', away ?? withoutDone(run, reminders));
  }
  addNudge(tx, { agentId: run.agentId, text: away ? AWAY : REMINDER, mode: 'wait-idle', source: 'town' }, false);
  updateRun(tx, run, { reminders });
  /** It may have been refused because the repository is away, which only a look tells the town. */
  if (rig?.state === 'ready' && reminders === LIMITS.donePromptsPerRun.value) lookAtRig(tx, rig.id);
}
/** The answer tells what its end costs; one that does not come in time is one that the repository does not give. */
function waitForLook(tx: Tx, run: Run): void {
  if (run.leaseUntil === null) updateRun(tx, run, { lease_until: leaseEnd(tx) });
}

/** There is no idle window after the hand-in (decision 0012): what was written to it by then is read, and it ends. */
function letGo(tx: Tx, run: Run): void {
  if (unheard(tx, run).length === 0) return endRun(tx, run, run.headCommit === null ? 'no_changes' : 'done', null);
  for (const nudge of openNudges(tx.sql, run.agentId)) if (nudge.source === 'town' && nudge.state === 'pending') expireNudge(tx, nudge);
}

/** What people and agents wrote to it that had no turn yet; the town only ever wants the work done. */
export const unheard = (tx: Tx, run: Run): Nudge[] =>
  openNudges(tx.sql, run.agentId).filter((nudge) => nudge.source !== 'town' && nudge.id !== run.nudgeId);

/** The turn in flight is cut short. */
export const interruptRun = (tx: Tx, run: Run): void =>
  addEffectOnce(tx, 'run.interrupt', runTarget(run.id), runSubject(run), run.runnerId);

/** Rule: an idle session gets its next message, one at a time, `immediate` ones first (MS-6, I13). */
export function deliverNudges(tx: Tx): void {
  for (const agentId of agentsWithOpenNudges(tx.sql)) {
    const run = liveRunOfAgent(tx.sql, agentId);
    if (run?.state !== 'idle') continue;
    const agent = findAgent(tx.sql, agentId);
    if (!agent || waitsForResume(agent)) continue;
    const open = openNudges(tx.sql, agentId);
    if (open.some((nudge) => nudge.state === 'sent')) continue;
    const next = open.find((nudge) => nudge.mode === 'immediate') ?? open[0];
    if (!next) continue;
    // The Mayor's session has no end of its own: the next one, with what is set now, resumes the conversation.
    if (run.beadId === null && isOutdated(theTown(tx.sql), run, agent.role)) {
      endRun(tx, run, 'done', null);
      continue;
    }
    nudgeSent(tx, next.id);
    addEffect(tx, 'run.prompt', runTarget(run.id), next.id, run.runnerId);
  }
}
