import type { AgentId, BeadId, EscalationRow, RigId, Severity } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { first, idList, int, intOrNull, list, one, text, textOrNull, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

export interface Escalation extends EscalationRow {
  readonly closedAt: number | null;
  readonly raises: number;
  readonly raisedAt: number | null;
}
const toEscalation = (row: Row): Escalation => ({
  id: text(row, 'id') as BeadId,
  beadId: textOrNull(row, 'bead_id') as BeadId | null,
  rigId: textOrNull(row, 'rig_id') as RigId | null,
  agentId: textOrNull(row, 'agent_id') as AgentId | null,
  severity: text(row, 'severity') as Severity,
  category: text(row, 'category') as Escalation['category'],
  message: text(row, 'message'),
  createdAt: int(row, 'created_at'),
  acknowledgedAt: intOrNull(row, 'acknowledged_at'),
  acknowledgedBy: textOrNull(row, 'acknowledged_by'),
  closedAt: intOrNull(row, 'closed_at'),
  topic: textOrNull(row, 'topic'),
  raises: int(row, 'raises'),
  raisedAt: intOrNull(row, 'raised_at'),
});
export const findEscalation = (sql: Sql, id: string): Escalation | null =>
  one(sql, toEscalation, 'SELECT * FROM escalations WHERE id = ?', id);
/** Open ones about this bead, or about the town when there is none. */
export const openEscalations = (sql: Sql, beadId: string | null): Escalation[] =>
  list(sql, toEscalation, 'SELECT * FROM escalations WHERE bead_id IS ? AND closed_at IS NULL', beadId);
/** What an agent asks a person; what the town tells of an agent is not a question of that agent. */
const ASKS: readonly string[] = ['decision', 'help', 'blocked', 'emergency'];
/** The oldest open question of who has this bead in hand. */
export const questionOf = (sql: Sql, { beadId, agentId }: { beadId: string | null; agentId: string }): Escalation | null =>
  openEscalations(sql, beadId).find((one) => one.agentId === agentId && ASKS.includes(one.category)) ?? null;
/** Is a person asked about this bead, or was one since then? */
export const askedAboutSince = (sql: Sql, beadId: string, at: number): boolean =>
  first(sql, 'SELECT id FROM escalations WHERE bead_id = ? AND (closed_at IS NULL OR closed_at >= ?)', beadId, at) !== undefined;
export const allOpenEscalations = (sql: Sql): Escalation[] => list(sql, toEscalation, 'SELECT * FROM escalations WHERE closed_at IS NULL');
export const escalationsById = (sql: Sql, ids: Iterable<string>): Escalation[] =>
  list(sql, toEscalation, 'SELECT * FROM escalations WHERE id IN (SELECT value FROM json_each(?))', idList(ids));
export const newestEscalations = (sql: Sql, limit: number): Escalation[] =>
  list(sql, toEscalation, 'SELECT * FROM escalations ORDER BY rowid DESC LIMIT ?', limit);

/** The last time that this alert was raised. */
export const newestOfTopic = (sql: Sql, topic: string): Escalation | null =>
  one(sql, toEscalation, 'SELECT * FROM escalations WHERE topic = ? ORDER BY rowid DESC LIMIT 1', topic);

export function insertEscalation(
  tx: Tx,
  one: Pick<Escalation, 'id' | 'beadId' | 'rigId' | 'agentId' | 'severity' | 'category' | 'message' | 'topic'>,
  metadata: unknown,
): void {
  tx.sql.run(
    'INSERT INTO escalations (id, bead_id, rig_id, agent_id, severity, category, message, metadata, created_at, topic) VALUES (?,?,?,?,?,?,?,?,?,?)',
    one.id,
    one.beadId,
    one.rigId,
    one.agentId,
    one.severity,
    one.category,
    one.message,
    JSON.stringify(metadata ?? {}),
    tx.now,
    one.topic,
  );
  touchEscalation(tx, one);
}
/** Its bead and its agent may say that they wait for the answer. */
function touchEscalation(tx: Tx, { id, beadId, agentId }: Pick<Escalation, 'id' | 'beadId' | 'agentId'>): void {
  touch(tx, 'escalations', id);
  if (beadId) touch(tx, 'beads', beadId);
  if (agentId) touch(tx, 'agents', agentId);
}
export function closeEscalation(tx: Tx, id: string, by: string, note: string | null): void {
  tx.sql.run(
    'UPDATE escalations SET acknowledged_at = ?, acknowledged_by = ?, note = ?, closed_at = ? WHERE id = ?',
    tx.now,
    by,
    note,
    tx.now,
    id,
  );
  const closed = findEscalation(tx.sql, id);
  if (closed) touchEscalation(tx, closed);
}

export function raiseSeverity(tx: Tx, id: string, severity: Severity): void {
  tx.sql.run('UPDATE escalations SET severity = ?, raises = raises + 1, raised_at = ? WHERE id = ?', severity, tx.now, id);
  touch(tx, 'escalations', id);
}
