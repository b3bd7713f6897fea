import { LIMITS, type BeadId, type TriageAction, type TriageId, type TriageKind } from '@gastown/protocol';
import { actorLabel } from '../actors.ts';
import { createBead } from '../beads/create.ts';
import { mustMove } from '../beads/status.ts';
import { beadsById } from '../beads/store.ts';
import { asBead, newTriageId } from '../ids.ts';
import { record } from '../ledger/store.ts';
import { runsById } from '../runs/store.ts';
import type { Tx } from '../tx.ts';
import { closeTriage, insertTriage, openTriage, type NewTriage, type Triage } from './store.ts';

/** What a person or the Mayor may do about each kind. */
export const ACTIONS: Readonly<Record<TriageKind, readonly TriageAction[]>> = {
  stuck_agent: ['NUDGE', 'RESTART', 'REASSIGN_BEAD', 'CLOSE_BEAD', 'ESCALATE_TO_MAYOR'],
  crash_loop: ['RESTART', 'REASSIGN_BEAD', 'CLOSE_BEAD', 'ESCALATE_TO_MAYOR'],
};

/**
 * Only patrols ask (ES-7). One open request for each kind and subject; a town that has very many open gets no more, and the ledger says so (ES-9).
 * A request is no work: no agent is sent to it, and nothing that happens to it is evidence for another (I8, ES-10).
 */
export function requestTriage(tx: Tx, wish: Omit<NewTriage, 'id'>): TriageId | null {
  const open = openTriage(tx.sql);
  const same = open.find((one) => one.kind === wish.kind && one.subject === wish.subject);
  if (same) return same.id;
  if (open.length >= LIMITS.openTriage.value) {
    record(tx, { type: 'triage_not_asked', beadId: wish.beadId, agentId: wish.agentId, data: { kind: wish.kind, open: open.length } });
    return null;
  }
  const id = newTriageId(tx);
  createBead(
    tx,
    {
      id: asBead(id),
      type: 'triage_request',
      title: wish.message.slice(0, LIMITS.titleCharacters.value),
      body: wish.message,
      rigId: wish.rigId,
      parentId: wish.beadId,
      assigneeId: null,
      priority: 'high',
      labels: [],
      createdBy: actorLabel(tx),
    },
    { type: 'triage_requested', agentId: wish.agentId, data: { kind: wish.kind, source: wish.beadId, ...wish.evidence } },
  );
  insertTriage(tx, { ...wish, id });
  return id;
}

/** The one way a request closes: answered with an action, or settled by itself. */
export function answer(tx: Tx, one: Triage, action: TriageAction | null, notes: string | null): void {
  closeTriage(tx, one.id, actorLabel(tx), action, notes);
  mustMove(tx, asBead(one.id), 'closed', { data: { action, ...(notes && { notes }) } });
}

/** Rule: a request has nothing left to decide when its bead is closed now, and every other over which its agent failed. */
export function settleTriage(tx: Tx): void {
  if (tx.touched.beads.size === 0) return;
  for (const one of openTriage(tx.sql)) {
    const ids = beadsOf(tx, one);
    const over = ids.some((id) => tx.touched.beads.has(id)) && beadsById(tx.sql, ids).every(({ status }) => status === 'closed');
    if (over) answer(tx, one, null, `${ids.join(', ')} ${ids.length === 1 ? 'is' : 'are'} closed.`);
  }
}
const beadsOf = (tx: Tx, { beadId, evidence }: Triage): BeadId[] => [
  ...new Set([beadId, ...runsById(tx.sql, evidence.runIds).map((run) => run.beadId)].filter((id) => id !== null)),
];
/** What the patrol saw is over: the agent is active again, or handed in. */
export function settleTriageOf(tx: Tx, kind: TriageKind, subject: string, notes: string): void {
  for (const one of openTriage(tx.sql)) if (one.kind === kind && one.subject === subject) answer(tx, one, null, notes);
}
