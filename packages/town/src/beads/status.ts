import {
  failure,
  ok,
  refuse,
  type AgentId,
  type BeadStatus,
  type Failure,
  type FailureSource,
  type Hold,
  type Result,
} from '@gastown/protocol';
import { memberMoved } from '../convoys/store.ts';
import { record } from '../ledger/store.ts';
import { BEAD_MOVES, mayMove } from '../transitions.ts';
import type { Tx } from '../tx.ts';
import { stateChanged } from './blocking.ts';
import { findBead, updateBead, writeStatus, type Bead } from './store.ts';

export interface Move {
  readonly assigneeId?: AgentId | null;
  readonly retryAt?: number | null;
  /** When it was closed, if that was not now. */
  readonly closedAt?: number;
  readonly data?: Readonly<Record<string, unknown>>;
  /** Why it failed: no bead becomes `failed` without (FR-1). */
  readonly failure?: Failure & { readonly source: FailureSource };
}

/**
 * The one way a bead changes its status (I6, I7, DM-9): checks the move, writes the row, exactly one ledger event, and the consequence
 * that lives in the same table: whom this bead holds up; and its convoy counts it (CV-3).
 */
export function moveBead(tx: Tx, id: string, to: BeadStatus, move: Move = {}): Result<BeadStatus> {
  const bead = findBead(tx.sql, id);
  if (!bead) return refuse(failure('unknown_bead', `There is no bead ${id}.`));
  if (bead.status === to || (!tx.byHand && !mayMove(BEAD_MOVES[bead.type], bead.status, to))) {
    return refuse(failure('illegal_transition', `${id} is ${bead.status} and cannot become ${to}.`, { beadId: id, from: bead.status, to }));
  }
  if (to === 'failed' && !move.failure) throw new Error(`${id} cannot fail without a reason (FR-1)`);
  const assigneeId = move.assigneeId === undefined ? (to === 'open' ? null : bead.assigneeId) : move.assigneeId;
  /** Only what is over is out of sight (AR-1). */
  const archivedAt = to === 'closed' || to === 'failed' ? bead.archivedAt : null;
  const closedAt = to === 'closed' ? (move.closedAt ?? tx.now) : null;
  writeStatus(tx, bead, to, { assigneeId, retryAt: move.retryAt ?? null, closedAt, archivedAt });
  const set = {
    ...(archivedAt !== bead.archivedAt && { archivedAt }),
    ...(assigneeId !== bead.assigneeId && { assigneeId }),
    ...(to === 'closed' && move.closedAt !== undefined && { closedAt: move.closedAt }),
  };
  record(tx, {
    type: to === 'closed' ? 'closed' : 'status_changed',
    beadId: id,
    agentId: move.assigneeId ?? bead.assigneeId,
    before: bead.status,
    after: to,
    data: {
      ...move.data,
      ...(tx.byHand && tx.actor.kind === 'agent' && { byHand: true }),
      ...(move.failure && { failure: move.failure }),
      ...(Object.keys(set).length > 0 && { set }),
    },
  });
  stateChanged(tx, id, bead, { status: to, hold: bead.hold }, bead);
  if (bead.convoyId) memberMoved(tx, bead.convoyId, bead.status, to);
  return ok(to);
}

/** A move that the caller has checked already: a refusal here is a bug. */
export function mustMove(tx: Tx, id: string, to: BeadStatus, move: Move = {}): void {
  const moved = moveBead(tx, id, to, move);
  if (!moved.ok) throw new Error(moved.failure.message);
}

/** The one way a bead is held or let go. */
export function setHold(tx: Tx, bead: Bead, hold: Hold | null): void {
  if (bead.hold === hold) return;
  updateBead(tx, bead.id, { hold, updated_at: tx.now });
  record(tx, { type: hold === null ? 'started' : 'held', beadId: bead.id, data: { set: { hold } } });
  stateChanged(tx, bead.id, bead, { status: bead.status, hold }, bead);
}

/** It is nobody's any more; what it is stays. */
export function unassign(tx: Tx, bead: Bead): void {
  updateBead(tx, bead.id, { assignee_id: null });
  record(tx, { type: 'unassigned', beadId: bead.id, agentId: bead.assigneeId, data: { set: { assigneeId: null } } });
}
