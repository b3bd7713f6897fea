import {
  failure,
  ok,
  refuse,
  type AgentId,
  type BeadId,
  type BeadStatus,
  type FailureCode,
  type FailureSource,
  type Result,
} from '@gastown/protocol';
import { findAgent } from '../agents/store.ts';
import { findIssue } from '../beads/commands.ts';
import { forgiveStarts } from '../beads/starts.ts';
import { moveBead } from '../beads/status.ts';
import { updateIssue } from '../beads/store.ts';
import { theTown, updateTown } from '../config/store.ts';
import { forgiveContainer } from '../container/commands.ts';
import { touchWaiting } from '../gates.ts';
import { forgetFailures } from '../runs/breaker.ts';
import { forgiveMayor } from '../runs/mayor.ts';
import { forgetModelTrouble } from '../runs/provider.ts';
import { endRun, liveRunOfBead } from '../runs/store.ts';
import type { Tx } from '../tx.ts';

/** What a person, or the Mayor in a person's stead, does to a bead by hand; what follows for runs, merges and dependants follows by the rules (ST-14). */
export interface StatusChange {
  readonly beadId: BeadId;
  readonly status: BeadStatus;
  readonly reason?: string | undefined;
}
export function setStatus(tx: Tx, { beadId, status, reason }: StatusChange): Result<unknown> {
  if (status === 'failed') return giveUp(tx, beadId, reason, 'failed_by_person', 'user');
  const found = findIssue(tx, beadId);
  if (!found.ok) return found;
  const moved = moveBead(tx, beadId, status, {
    // In progress without a run it is the person's own work.
    ...(status === 'in_progress' && !liveRunOfBead(tx.sql, beadId) && { assigneeId: null }),
    data: { ...(reason && { reason }) },
  });
  return moved.ok ? ok({ beadId, status }) : moved;
}

export function giveUp(tx: Tx, beadId: BeadId, reason: string | undefined, code: FailureCode, source: FailureSource): Result<unknown> {
  const found = findIssue(tx, beadId);
  if (!found.ok) return found;
  const why = { ...failure(code, reason), source };
  const moved = moveBead(tx, beadId, 'failed', { data: { ...(reason && { reason }) }, failure: why });
  if (moved.ok) updateIssue(tx, beadId, { failure: JSON.stringify(why) });
  return moved.ok ? ok({ beadId, status: 'failed' }) : moved;
}

/** From whoever has it back in line; the next free slot takes it, to the agent named if that one is free then. */
export function reassign(tx: Tx, { beadId, agentId }: { beadId: BeadId; agentId?: AgentId | undefined }): Result<{ beadId: BeadId }> {
  const found = findIssue(tx, beadId);
  if (!found.ok) return found;
  const bead = found.value;
  if (bead.status !== 'open' && bead.status !== 'in_progress')
    return refuse(failure('illegal_transition', `Only work that is open or in progress can change hands; ${beadId} is ${bead.status}.`));
  const agent = agentId ? findAgent(tx.sql, agentId) : null;
  if (agentId && (!agent || agent.retiredAt !== null))
    return refuse(failure('unknown_agent', `There is no agent ${agentId}.`, { agentId }));
  if (agent && (agent.role !== 'polecat' || agent.rigId !== bead.rigId))
    return refuse(failure('invalid_input', `agent: ${agent.name} is no polecat of the rig of ${beadId}.`, { field: 'agentId' }));
  updateIssue(tx, beadId, { wanted_agent: agentId ?? null });
  const run = liveRunOfBead(tx.sql, beadId);
  if (run) endRun(tx, run, 'stopped', failure('stopped_by_person'));
  else if (bead.status === 'in_progress') moveBead(tx, beadId, 'open');
  return ok({ beadId });
}

/** What failed before is forgotten, and everything that waits for its time is tried now (MY-17). */
export function resetDispatch(tx: Tx): Result<{ beads: number }> {
  forgetModelTrouble(tx);
  if (theTown(tx.sql).modelFailure) updateTown(tx, { model_failure: null });
  forgetFailures(tx);
  forgiveContainer(tx);
  forgiveMayor(tx);
  const beads = forgiveStarts(tx);
  touchWaiting(tx);
  return ok({ beads });
}
