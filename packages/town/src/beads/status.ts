import { failure, ok, refuse, type AgentId, type BeadStatus, type Result } from '@gastown/protocol';
import { record } from '../ledger/store.ts';
import { BEAD_MOVES, mayMove } from '../transitions.ts';
import type { Tx } from '../tx.ts';
import { blockedBy } from './dependencies.ts';
import { addBlockers, findBead, touchBead, writeStatus } from './store.ts';

export interface Move {
  readonly assigneeId?: AgentId | null;
  readonly retryAt?: number | null;
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * The one way a bead changes its status (I6, I7, DM-9): checks the move, writes the row, exactly one ledger event, and the consequence
 * that lives in the same table: those whom this bead blocks count one blocker less or more.
 */
export function moveBead(tx: Tx, id: string, to: BeadStatus, move: Move = {}): Result<BeadStatus> {
  const bead = findBead(tx.sql, id);
  if (!bead) return refuse(failure('unknown_bead', `There is no bead ${id}.`));
  const byPerson = tx.actor.kind === 'person';
  if (bead.status === to || (!byPerson && !mayMove(BEAD_MOVES[bead.type], bead.status, to))) {
    return refuse(
      failure('illegal_transition', `A ${bead.type} that is ${bead.status} cannot become ${to}.`, { beadId: id, from: bead.status, to }),
    );
  }
  const keptAssignee = to === 'open' ? null : bead.assigneeId;
  writeStatus(tx, bead, to, move.assigneeId === undefined ? keptAssignee : move.assigneeId, move.retryAt ?? null);
  record(tx, {
    type: to === 'closed' ? 'closed' : 'status_changed',
    beadId: id,
    agentId: move.assigneeId ?? bead.assigneeId,
    before: bead.status,
    after: to,
    ...(move.data && { data: move.data }),
  });
  const dependants = blockedBy(tx.sql, id);
  if (to === 'closed') addBlockers(tx, dependants, -1);
  if (bead.status === 'closed') addBlockers(tx, dependants, 1);
  for (const dependant of dependants) touchBead(tx, dependant);
  return ok(to);
}

/** A move that the caller has checked already: a refusal here is a bug. */
export function mustMove(tx: Tx, id: string, to: BeadStatus, move: Move = {}): void {
  const moved = moveBead(tx, id, to, move);
  if (!moved.ok) throw new Error(moved.failure.message);
}
