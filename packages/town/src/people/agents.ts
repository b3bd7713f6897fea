import { failure, HOME_RUNNER, LIMITS, ok, refuse, type NudgeMode, type Result } from '@gastown/protocol';
import { actorLabel } from '../actors.ts';
import { waitsForResume } from '../agents/commands.ts';
import { findAgent, theMayor, type Agent } from '../agents/store.ts';
import { changeIssue, type Changed, type IssueChange } from '../beads/commands.ts';
import { findBead } from '../beads/store.ts';
import { theTown } from '../config/store.ts';
import { closeTownEscalations } from '../escalations/commands.ts';
import { record } from '../ledger/store.ts';
import { addNudge, countOpenNudges, expireNudge, openNudges } from '../messages/store.ts';
import { beginRun } from '../runs/begin.ts';
import { forgiveMayor } from '../runs/mayor.ts';
import { settleRuns } from '../runs/settle.ts';
import { endRun, liveRunOfAgent, liveRunOfBead, updateRun } from '../runs/store.ts';
import { interruptRun } from '../runs/turns.ts';
import { hardFor, spentFailure } from '../spend/reached.ts';
import type { Tx } from '../tx.ts';

/** What a person does to agents: write to them, interrupt, start over. */
export function tellMayor(tx: Tx, text: string): Result<{ nudgeId: string; waits?: string }> {
  const mayor = theMayor(tx.sql);
  const full = overfull(tx, mayor, LIMITS.openTells.value);
  if (full) return full;
  forgiveMayor(tx);
  closeTownEscalations(tx, 'lifecycle');
  const nudgeId = addNudge(tx, { agentId: mayor.id, text, mode: 'wait-idle', source: actorLabel(tx) }, true);
  return ok({ nudgeId, ...(mayor.paused && { waits: PAUSED }) });
}

/** What waits is read again and again until it is delivered, so it may not grow without end. */
function overfull(tx: Tx, agent: Agent, most: number): Result<never> | null {
  const waiting = countOpenNudges(tx.sql, agent.id);
  return waiting < most
    ? null
    : refuse(failure('mailbox_full', `${agent.name} has ${waiting} messages that it has not read.`, { agentId: agent.id }));
}

const PAUSED = 'The Mayor is paused: the message waits until it is resumed.';

function theAgent(tx: Tx, id: string): Result<Agent> {
  const agent = findAgent(tx.sql, id);
  return agent ? ok(agent) : refuse(failure('unknown_agent', `There is no agent ${id}.`, { agentId: id }));
}

/** Whoever works on a bead hears of its change at the next idle moment, of several changes once: as it is then (MS-11). */
export function changeAndTell(tx: Tx, change: IssueChange): Result<Changed> {
  const before = findBead(tx.sql, change.beadId);
  const changed = changeIssue(tx, change);
  const run = changed.ok ? liveRunOfBead(tx.sql, change.beadId) : null;
  if (run && change.timeoutMs !== undefined) updateRun(tx, run, { timeout_ms: change.timeoutMs });
  const now = findBead(tx.sql, change.beadId);
  if (run && run.doneAt === null && (now?.title !== before?.title || now?.body !== before?.body)) {
    const begins = `Your bead ${change.beadId} was changed. It says now:\n\n`;
    const text = `${begins}${now?.title ?? ''}\n\n${now?.body ?? ''}`.slice(0, LIMITS.messageCharacters.value);
    for (const older of openNudges(tx.sql, run.agentId))
      if (older.state === 'pending' && older.text.startsWith(begins)) expireNudge(tx, older);
    addNudge(tx, { agentId: run.agentId, text, mode: 'wait-idle', source: actorLabel(tx) }, false);
  }
  return changed;
}

/** A polecat without a run has nobody who could read it; the Mayor is woken. `note`: what the writer should know of the reader. */
export function nudgeAgent(tx: Tx, id: string, text: string, mode: NudgeMode): Result<{ nudgeId: string; waits?: string; note?: string }> {
  const agent = theAgent(tx, id);
  if (!agent.ok) return agent;
  const run = liveRunOfAgent(tx.sql, id);
  const isMayor = agent.value.role === 'mayor';
  if (!run && !isMayor)
    return refuse(
      failure(
        'run_over',
        `${agent.value.name} is not at work; there is nobody to read it.`,
        { agentId: id },
        'Write a mail: it stays until the next start.',
      ),
    );
  const full = overfull(tx, agent.value, tx.actor.kind === 'agent' ? LIMITS.openNudges.value : LIMITS.openTells.value);
  if (full) return full;
  if (isMayor) forgiveMayor(tx);
  const nudgeId = addNudge(tx, { agentId: agent.value.id, text, mode, source: actorLabel(tx) }, isMayor);
  if (mode === 'immediate' && run?.state === 'working') interruptRun(tx, run);
  const handedIn = run !== null && run.doneAt !== null && { note: handedInNote(agent.value) };
  return ok({ nudgeId, ...(waitsForResume(agent.value) && { waits: PAUSED }), ...handedIn });
}
const handedInNote = ({ name }: Agent): string =>
  `${name} reads it, but its work is handed in already: what it changes now does not land with that. For more, make a bead.`;

export function interruptAgent(tx: Tx, id: string): Result<{ interrupted: boolean }> {
  const agent = theAgent(tx, id);
  if (!agent.ok) return agent;
  const run = liveRunOfAgent(tx.sql, id);
  if (run?.state !== 'working') return ok({ interrupted: false });
  interruptRun(tx, run);
  record(tx, { type: 'agent_interrupted', agentId: run.agentId, beadId: run.beadId, data: { name: agent.value.name } });
  return ok({ interrupted: true });
}

/** AG-20: the session ends, the bead goes back in line and to another agent. */
export function resetAgent(tx: Tx, id: string): Result<{ reset: boolean }> {
  const agent = theAgent(tx, id);
  if (!agent.ok) return agent;
  if (agent.value.role === 'mayor') return restartMayor(tx);
  const run = liveRunOfAgent(tx.sql, id);
  if (run) endRun(tx, run, 'stopped', failure('stopped_by_person'));
  return ok({ reset: run !== null });
}

/** MY-20: a new session that resumes the last one. */
export function restartMayor(tx: Tx): Result<{ reset: boolean }> {
  if (theTown(tx.sql).stopped) return refuse(failure('town_stopped'));
  const mayor = theMayor(tx.sql);
  const spent = hardFor(tx.sql, { id: '', agentId: mayor.id, beadId: null, rigId: null });
  if (spent) return refuse(spentFailure(tx.sql, spent));
  if (mayor.paused) return refuse(failure('agent_paused', 'The Mayor is paused; resume it first.', { agentId: mayor.id }));
  const run = liveRunOfAgent(tx.sql, mayor.id);
  forgiveMayor(tx);
  if (run) endRun(tx, run, 'stopped', failure('stopped_by_person'));
  settleRuns(tx);
  beginRun(tx, mayor, null, HOME_RUNNER);
  return ok({ reset: run !== null });
}
