import { failure, ok, refuse, type BeadId, type Result, type TriageAction } from '@gastown/protocol';
import { actorLabel } from '../actors.ts';
import { findAgent, theMayor } from '../agents/store.ts';
import { retryIssue, type Changed } from '../beads/commands.ts';
import { moveBead } from '../beads/status.ts';
import { findBead, updateIssue, type Bead } from '../beads/store.ts';
import { closeEscalationsOf } from '../escalations/commands.ts';
import { record } from '../ledger/store.ts';
import { lastMergeOf } from '../merges/store.ts';
import { addNudge } from '../messages/store.ts';
import { forgiveMayor } from '../runs/mayor.ts';
import { endRun, liveRunOfAgent, liveRunOfBead, type Run } from '../runs/store.ts';
import type { Tx } from '../tx.ts';
import { ACTIONS, answer } from './request.ts';
import { findTriage, openTriage, type Triage } from './store.ts';

export interface Answer {
  readonly triageId: string;
  readonly action: TriageAction;
  readonly notes?: string | undefined;
}

/** Answered once, by a person or by the Mayor (ES-12, ES-13). An action that cannot be done is refused, and the request stays open. */
export function resolveTriage(tx: Tx, { triageId, action, notes }: Answer): Result<{ triageId: string; action: TriageAction }> {
  const one = findTriage(tx.sql, triageId);
  if (!one) return refuse(failure('unknown_triage', `There is no triage request ${triageId}.`, { triageId }));
  if (one.resolvedAt !== null) {
    const how = one.action ? `${one.action} by ${one.resolvedBy ?? 'somebody'}` : 'settled by itself';
    return refuse(failure('triage_over', `${triageId} is answered already: ${how}.`, { triageId, action: one.action }));
  }
  if (!ACTIONS[one.kind].includes(action))
    return refuse(failure('invalid_input', `action: ${triageId} allows ${ACTIONS[one.kind].join(', ')}.`, { field: 'action' }));
  const said = notes?.trim() ? notes.trim() : null;
  const done = act(tx, one, action, said);
  if (!done.ok) return done;
  decide(tx, one, action, said);
  return ok({ triageId: one.id, action });
}
function decide(tx: Tx, one: Triage, action: TriageAction, notes: string | null): void {
  answer(tx, one, action, notes);
  record(tx, { type: 'triage_resolved', beadId: one.beadId, agentId: one.agentId, data: { triageId: one.id, action, notes } });
}

/** A bead tried anew by hand: whatever was asked about it is answered by that. */
export function retryBead(tx: Tx, beadId: BeadId): Result<Changed> {
  const retried = retryIssue(tx, beadId);
  if (!retried.ok) return retried;
  const asked = openTriage(tx.sql).filter((one) => one.beadId === beadId);
  for (const one of asked) decide(tx, one, 'RESTART', 'The bead was tried anew.');
  return asked.length === 0 ? retried : ok({ ...retried.value, changed: true });
}

function act(tx: Tx, one: Triage, action: TriageAction, notes: string | null): Result<unknown> {
  switch (action) {
    case 'NUDGE':
      return nudge(tx, one, notes);
    case 'RESTART':
      return restart(tx, one);
    case 'REASSIGN_BEAD':
      return reassign(tx, one);
    case 'CLOSE_BEAD':
      return giveUp(tx, one, notes);
    case 'ESCALATE_TO_MAYOR':
      return tellMayor(tx, one, notes);
  }
}

function nudge(tx: Tx, one: Triage, notes: string | null): Result<unknown> {
  const agent = findAgent(tx.sql, one.agentId);
  if (!liveRunOfAgent(tx.sql, one.agentId))
    return refuse(
      failure('run_over', `${agent?.name ?? one.agentId} is not at work; there is nobody to read it.`, { agentId: one.agentId }),
    );
  const text = notes ?? 'You have been quiet for long. Say what you are doing, and go on with your bead.';
  addNudge(tx, { agentId: one.agentId, text, mode: 'wait-idle', source: actorLabel(tx) }, false);
  return ok({});
}

/** The run that was asked about; or, where many were, what that agent does now. Somebody else may have the bead since. */
function askedAbout(tx: Tx, one: Triage, action: TriageAction): Run | null {
  const run = liveRunOfAgent(tx.sql, one.agentId);
  if (!run || (one.beadId !== null && run.beadId !== one.beadId)) return null;
  return action === 'RESTART' && one.kind === 'stuck_agent' && !one.evidence.runIds.includes(run.id) ? null : run;
}
const beadOf = (tx: Tx, one: Triage): Bead | null => (one.beadId ? findBead(tx.sql, one.beadId) : null);
/** What this ends is no failure of the agent: it never counts as evidence (PT-9). */
function endByTriage(tx: Tx, run: Run | null): void {
  if (run) endRun(tx, run, 'stopped', failure('stopped_by_triage'));
}

/** The run ends, and the bead is tried anew with all its attempts; also one that failed. */
function restart(tx: Tx, one: Triage): Result<unknown> {
  endByTriage(tx, askedAbout(tx, one, 'RESTART'));
  const bead = beadOf(tx, one);
  return bead && (bead.status === 'open' || bead.status === 'failed') ? retryIssue(tx, bead.id) : ok({});
}

/** Unhooked, nobody's, and back in line unless it is over. */
function reassign(tx: Tx, one: Triage): Result<unknown> {
  endByTriage(tx, askedAbout(tx, one, 'REASSIGN_BEAD'));
  const bead = beadOf(tx, one);
  return bead?.status === 'in_progress' && !liveRunOfBead(tx.sql, bead.id)
    ? moveBead(tx, bead.id, 'open', { data: { triageId: one.id } })
    : ok({});
}

/** Given up: it fails with the notes, so that what waits for it goes on waiting (ST-9). One that is over stays as it is. */
function giveUp(tx: Tx, one: Triage, notes: string | null): Result<unknown> {
  const bead = beadOf(tx, one);
  if (!bead || bead.status === 'closed' || bead.status === 'failed') return ok({});
  if (lastMergeOf(tx.sql, bead.id)?.phase === 'landing')
    return refuse(failure('illegal_transition', `${bead.id} is landing at this moment and can be given up no more.`, { beadId: bead.id }));
  endByTriage(tx, liveRunOfBead(tx.sql, bead.id));
  const why = { ...failure('failed_by_triage', notes ?? undefined), source: 'triage' as const };
  const moved = moveBead(tx, bead.id, 'failed', { failure: why, data: { triageId: one.id } });
  if (!moved.ok) return moved;
  updateIssue(tx, bead.id, { failure: JSON.stringify(why) });
  closeEscalationsOf(tx, bead.id);
  return ok({});
}

function tellMayor(tx: Tx, one: Triage, notes: string | null): Result<unknown> {
  if (tx.actor.kind === 'agent')
    return refuse(
      failure('invalid_input', 'action: you are the Mayor; take another action, or ask a person with gt_escalate.', { field: 'action' }),
    );
  const about = one.beadId ? ` It is about ${one.beadId}.` : '';
  const text = `Decide what is to be done: ${one.message}${about}${notes ? `\n\n${notes}` : ''}`;
  forgiveMayor(tx);
  addNudge(tx, { agentId: theMayor(tx.sql).id, text, mode: 'wait-idle', source: actorLabel(tx) }, true);
  return ok({});
}
