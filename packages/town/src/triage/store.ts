import {
  TriageAction,
  TriageKind,
  type AgentId,
  type BeadId,
  type RigId,
  type RunId,
  type TriageId,
  type TriageRow,
} from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { first, idList, int, intOrNull, json, list, one, oneOf, text, textOrNull, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

/** What a patrol saw, as data: the run that was silent, the runs that failed. */
export interface Evidence {
  readonly runIds: readonly RunId[];
}
export interface Triage extends Omit<TriageRow, 'actions'> {
  readonly subject: string;
  readonly evidence: Evidence;
}

const toTriage = (row: Row): Triage => ({
  id: text(row, 'id') as TriageId,
  kind: oneOf(row, 'kind', TriageKind.options),
  subject: text(row, 'subject'),
  agentId: text(row, 'agent_id') as AgentId,
  beadId: textOrNull(row, 'bead_id') as BeadId | null,
  rigId: textOrNull(row, 'rig_id') as RigId | null,
  message: text(row, 'message'),
  evidence: json<Evidence>(row, 'evidence'),
  createdAt: int(row, 'created_at'),
  resolvedAt: intOrNull(row, 'resolved_at'),
  resolvedBy: textOrNull(row, 'resolved_by'),
  action: row['action'] === null ? null : oneOf(row, 'action', TriageAction.options),
  notes: textOrNull(row, 'notes'),
});

export const findTriage = (sql: Sql, id: string): Triage | null => one(sql, toTriage, 'SELECT * FROM triage WHERE id = ?', id);
export const openTriage = (sql: Sql): Triage[] => list(sql, toTriage, 'SELECT * FROM triage WHERE resolved_at IS NULL');
export const triageById = (sql: Sql, ids: Iterable<string>): Triage[] =>
  list(sql, toTriage, 'SELECT * FROM triage WHERE id IN (SELECT value FROM json_each(?))', idList(ids));
export const newestTriage = (sql: Sql, limit: number): Triage[] =>
  list(sql, toTriage, 'SELECT * FROM triage ORDER BY rowid DESC LIMIT ?', limit);
/** When the last request of this kind about this subject was answered; evidence from before it is used up. */
export function lastAnswered(sql: Sql, kind: TriageKind, subject: string): number {
  const row = first(sql, 'SELECT max(resolved_at) AS at FROM triage WHERE subject = ? AND kind = ?', subject, kind);
  return (row && intOrNull(row, 'at')) ?? 0;
}

export type NewTriage = Pick<Triage, 'id' | 'kind' | 'subject' | 'agentId' | 'beadId' | 'rigId' | 'message' | 'evidence'>;
export function insertTriage(tx: Tx, one: NewTriage): void {
  tx.sql.run(
    'INSERT INTO triage (id, kind, subject, agent_id, bead_id, rig_id, message, evidence, created_at) VALUES (?,?,?,?,?,?,?,?,?)',
    one.id,
    one.kind,
    one.subject,
    one.agentId,
    one.beadId,
    one.rigId,
    one.message,
    JSON.stringify(one.evidence),
    tx.now,
  );
  touch(tx, 'triage', one.id);
}
export function closeTriage(tx: Tx, id: string, by: string, action: TriageAction | null, notes: string | null): void {
  tx.sql.run(
    'UPDATE triage SET resolved_at = ?, resolved_by = ?, action = ?, notes = ? WHERE id = ? AND resolved_at IS NULL',
    tx.now,
    by,
    action,
    notes,
    id,
  );
  touch(tx, 'triage', id);
}
