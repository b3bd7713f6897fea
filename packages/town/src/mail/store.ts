import type { AgentId, MailId, NudgeId, RunId } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { idList, int, intOrNull, list, one, text, textOrNull, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

export interface Mail {
  readonly id: MailId;
  readonly sender: string;
  readonly senderId: AgentId | null;
  readonly agentId: AgentId;
  readonly subject: string;
  readonly body: string;
  readonly createdAt: number;
  readonly carriedBy: RunId | null;
  readonly nudgeId: NudgeId | null;
  readonly deliveredAt: number | null;
}
const toMail = (row: Row): Mail => ({
  id: text(row, 'id') as MailId,
  sender: text(row, 'sender'),
  senderId: textOrNull(row, 'sender_id') as AgentId | null,
  agentId: text(row, 'agent_id') as AgentId,
  subject: text(row, 'subject'),
  body: text(row, 'body'),
  createdAt: int(row, 'created_at'),
  carriedBy: textOrNull(row, 'carried_by') as RunId | null,
  nudgeId: textOrNull(row, 'nudge_id') as NudgeId | null,
  deliveredAt: intOrNull(row, 'delivered_at'),
});

export const findMail = (sql: Sql, id: string): Mail | null => one(sql, toMail, 'SELECT * FROM mail WHERE id = ?', id);
/** Oldest first; bounded by what an agent may have unread. */
export const unreadMail = (sql: Sql): Mail[] => list(sql, toMail, 'SELECT * FROM mail WHERE delivered_at IS NULL ORDER BY rowid');
export const unreadOf = (sql: Sql, agentId: string): Mail[] =>
  list(sql, toMail, 'SELECT * FROM mail WHERE agent_id = ? AND delivered_at IS NULL ORDER BY rowid', agentId);
export const mailById = (sql: Sql, ids: Iterable<string>): Mail[] =>
  list(sql, toMail, 'SELECT * FROM mail WHERE id IN (SELECT value FROM json_each(?))', idList(ids));
export const newestMail = (sql: Sql, limit: number): Mail[] => list(sql, toMail, 'SELECT * FROM mail ORDER BY rowid DESC LIMIT ?', limit);

export function insertMail(tx: Tx, mail: Pick<Mail, 'id' | 'sender' | 'senderId' | 'agentId' | 'subject' | 'body'>): void {
  tx.sql.run(
    'INSERT INTO mail (id, sender, sender_id, agent_id, subject, body, created_at) VALUES (?,?,?,?,?,?,?)',
    mail.id,
    mail.sender,
    mail.senderId,
    mail.agentId,
    mail.subject,
    mail.body,
    tx.now,
  );
  touch(tx, 'mail', mail.id);
}
/** On its way: with the start of a run, or by a message into the session. No page shows that. */
export function setWay(tx: Tx, id: string, way: { run?: string | null; nudge?: string | null }): void {
  if (way.run !== undefined) tx.sql.run('UPDATE mail SET carried_by = ? WHERE id = ?', way.run, id);
  if (way.nudge !== undefined) tx.sql.run('UPDATE mail SET nudge_id = ? WHERE id = ?', way.nudge, id);
}
export function setDelivered(tx: Tx, id: string): void {
  tx.sql.run('UPDATE mail SET delivered_at = ? WHERE id = ? AND delivered_at IS NULL', tx.now, id);
  touch(tx, 'mail', id);
}
export function setReader(tx: Tx, id: string, agentId: string, subject: string): void {
  tx.sql.run('UPDATE mail SET agent_id = ?, subject = ?, carried_by = NULL, nudge_id = NULL WHERE id = ?', agentId, subject, id);
  touch(tx, 'mail', id);
}
