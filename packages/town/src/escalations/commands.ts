import { failure, ok, refuse, type AgentId, type BeadId, type EscalationRow, type Result, type RigId } from '@gastown/protocol';
import { actorLabel } from '../actors.ts';
import { createBead } from '../beads/create.ts';
import { mustMove } from '../beads/status.ts';
import { newEscalationId } from '../ids.ts';
import { addNudge } from '../messages/store.ts';
import { liveRunOfAgent } from '../runs/store.ts';
import type { Tx } from '../tx.ts';
import { allOpenEscalations, closeEscalation, findEscalation, insertEscalation, openEscalations, type Escalation } from './store.ts';

export interface Cry {
  readonly beadId: BeadId | null;
  readonly rigId: RigId | null;
  readonly agentId: AgentId | null;
  readonly severity: EscalationRow['severity'];
  readonly category: EscalationRow['category'];
  readonly message: string;
  readonly metadata?: unknown;
  /** Of an alert: what of the town it watches. */
  readonly topic?: string;
}

/** Asks a person. The same incident (source bead and category) is one escalation while it is open (ES-5). */
export function escalate(tx: Tx, cry: Cry): BeadId {
  const same = openEscalations(tx.sql, cry.beadId).find(
    (one) => one.category === cry.category && (cry.beadId !== null || one.agentId === cry.agentId) && one.topic === (cry.topic ?? null),
  );
  if (same) return same.id;
  const id = newEscalationId(tx);
  createBead(
    tx,
    {
      id,
      type: 'escalation',
      title: cry.message.slice(0, 200),
      body: cry.message,
      rigId: cry.rigId,
      parentId: cry.beadId,
      assigneeId: null,
      priority: cry.severity,
      labels: [],
      createdBy: actorLabel(tx),
    },
    {
      type: 'escalated',
      agentId: cry.agentId,
      data: { source: cry.beadId, category: cry.category, severity: cry.severity },
    },
  );
  insertEscalation(tx, { ...cry, id, topic: cry.topic ?? null }, cry.metadata);
  return id;
}

function close(tx: Tx, id: string, by: string, note: string | null): void {
  closeEscalation(tx, id, by, note);
  mustMove(tx, id, 'closed', { data: { by, ...(note && { note }) } });
}

/** Acknowledging closes (ES-4), and what is said with it reaches the agent that asked, if it is still at it (MS-11). Twice is once. */
export function acknowledge(tx: Tx, id: string, note: string | null): Result<{ escalationId: string }> {
  const found = findEscalation(tx.sql, id);
  if (!found) return refuse(failure('unknown_escalation', `There is no escalation ${id}.`));
  if (found.closedAt !== null) return ok({ escalationId: id });
  close(tx, id, actorLabel(tx), note);
  const run = note && found.agentId ? liveRunOfAgent(tx.sql, found.agentId) : null;
  if (run && run.beadId === found.beadId && run.doneAt === null) {
    const text = `You asked: ${found.message}\n\nThe answer: ${note}`;
    addNudge(tx, { agentId: run.agentId, text, mode: 'wait-idle', source: actorLabel(tx) }, false);
  }
  return ok({ escalationId: id });
}

/** The bead is closed, or tried again: what was asked about it is settled (ES-6). */
export function closeEscalationsOf(tx: Tx, beadId: string, category: EscalationRow['category'] | null = null): number {
  const settled = openEscalations(tx.sql, beadId).filter((one) => category === null || one.category === category);
  for (const one of settled) close(tx, one.id, actorLabel(tx), null);
  return settled.length;
}
/** What was asked is settled by itself. */
export function closeEscalations(tx: Tx, settled: (one: Escalation) => boolean): void {
  for (const one of allOpenEscalations(tx.sql)) if (settled(one)) close(tx, one.id, actorLabel(tx), null);
}
/** An alert is not among them: it ends by itself. */
export function closeTownEscalations(tx: Tx, category: EscalationRow['category']): void {
  closeEscalations(tx, (one) => one.beadId === null && one.category === category && one.topic === null);
}

/** What an alert watched is over. */
export const closeAlert = (tx: Tx, id: string): void => close(tx, id, actorLabel(tx), null);
