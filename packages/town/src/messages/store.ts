import { LIMITS, type AgentId, type NudgeId, type NudgeMode, type NudgeRow, type PrimeContext } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { newNudgeId } from '../ids.ts';
import { record } from '../ledger/store.ts';
import { first, flag, idList, int, intOrNull, json, list, one, text, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

/** Messages into an agent's session: `pending` → `sent` (its turn is in flight) → `delivered`; back to `pending` when its run is lost (MS-8). */
export interface Nudge extends NudgeRow {
  readonly again: boolean;
  readonly expiresAt: number | null;
}
const toNudge = (row: Row): Nudge => ({
  id: text(row, 'id') as NudgeId,
  agentId: text(row, 'agent_id') as AgentId,
  text: text(row, 'text'),
  mode: text(row, 'mode') as NudgeMode,
  source: text(row, 'source'),
  createdAt: int(row, 'created_at'),
  state: text(row, 'state') as Nudge['state'],
  deliveredAt: intOrNull(row, 'delivered_at'),
  again: flag(row, 'again'),
  expiresAt: intOrNull(row, 'expires_at'),
});
const OPEN = `state IN ('pending', 'sent')`;

export const findNudge = (sql: Sql, id: string): Nudge | null => one(sql, toNudge, 'SELECT * FROM nudges WHERE id = ?', id);
export const openNudges = (sql: Sql, agentId: string): Nudge[] =>
  list(sql, toNudge, `SELECT * FROM nudges WHERE agent_id = ? AND ${OPEN} ORDER BY rowid`, agentId);
export const countOpenNudges = (sql: Sql, agentId: string): number =>
  int(first(sql, `SELECT count(*) AS n FROM nudges WHERE agent_id = ? AND ${OPEN}`, agentId)!, 'n');
export const agentsWithOpenNudges = (sql: Sql): string[] =>
  sql.all(`SELECT DISTINCT agent_id FROM nudges WHERE ${OPEN}`).map((row) => text(row, 'agent_id'));
export const nudgesById = (sql: Sql, ids: Iterable<string>): Nudge[] =>
  list(sql, toNudge, 'SELECT * FROM nudges WHERE id IN (SELECT value FROM json_each(?))', idList(ids));
export const newestNudges = (sql: Sql, limit: number): Nudge[] =>
  list(sql, toNudge, 'SELECT * FROM nudges ORDER BY rowid DESC LIMIT ?', limit);
/** When the oldest message was written that is with this agent for a second time: what it asks for may be done already (MS-8). */
export function toldAgainSince(sql: Sql, agentId: string): number | null {
  const row = first(sql, `SELECT min(created_at) AS at FROM nudges WHERE agent_id = ? AND state = 'sent' AND again = 1`, agentId);
  return row ? intOrNull(row, 'at') : null;
}
const EXPIRES = `state = 'pending' AND expires_at IS NOT NULL`;
export function nudgesExpired(sql: Sql, now: number): Nudge[] {
  if ((nextExpiry(sql) ?? Infinity) > now) return [];
  return list(sql, toNudge, `SELECT * FROM nudges WHERE ${EXPIRES} AND expires_at <= ?`, now);
}
export function nextExpiry(sql: Sql): number | null {
  const row = first(sql, `SELECT min(expires_at) AS at FROM nudges WHERE ${EXPIRES}`);
  return row ? intOrNull(row, 'at') : null;
}

/** What a person tells the Mayor waits as long as it must; everything else has a time to live (MS-6). */
export function addNudge(tx: Tx, nudge: Pick<NudgeRow, 'agentId' | 'text' | 'mode' | 'source'>, lasting: boolean): NudgeId {
  const id = newNudgeId(tx);
  const expiresAt = lasting && nudge.mode !== 'queue' ? null : tx.now + LIMITS.nudgeTtlMs.value;
  tx.sql.run(
    `INSERT INTO nudges (id, agent_id, text, mode, source, state, created_at, expires_at) VALUES (?,?,?,?,?,'pending',?,?)`,
    id,
    nudge.agentId,
    nudge.text,
    nudge.mode,
    nudge.source,
    tx.now,
    expiresAt,
  );
  touch(tx, 'nudges', id);
  forgetOld(tx);
  return id;
}

/** Messages that are over are kept for a while; each new one forgets a few of the oldest. */
const KEPT = 500;
const FORGOTTEN_AT_ONCE = 2;
function forgetOld(tx: Tx): void {
  const old = tx.sql.all(
    `SELECT id FROM nudges WHERE rowid <= (SELECT max(rowid) FROM nudges) - ? AND state NOT IN ('pending', 'sent') ORDER BY rowid LIMIT ?`,
    KEPT,
    FORGOTTEN_AT_ONCE,
  );
  for (const row of old) {
    tx.sql.run('DELETE FROM nudges WHERE id = ?', text(row, 'id'));
    touch(tx, 'nudges', text(row, 'id'));
  }
}

export const nudgeSent = (tx: Tx, id: string): void => {
  tx.sql.run(`UPDATE nudges SET state = 'sent' WHERE id = ?`, id);
  touch(tx, 'nudges', id);
};
export const nudgeDelivered = (tx: Tx, id: string): void => {
  tx.sql.run(`UPDATE nudges SET state = 'delivered', delivered_at = ? WHERE id = ? AND ${OPEN}`, tx.now, id);
  touch(tx, 'nudges', id);
};
export const nudgeAgain = (tx: Tx, id: string): void => {
  tx.sql.run(`UPDATE nudges SET state = 'pending', again = 1 WHERE id = ? AND state = 'sent'`, id);
  touch(tx, 'nudges', id);
};
/** It is with a session, and its time ends there: when that run is lost, nobody is told again. */
export const nudgeForThisSession = (tx: Tx, id: string): void => {
  tx.sql.run(`UPDATE nudges SET expires_at = ? WHERE id = ? AND state = 'sent'`, tx.now, id);
  touch(tx, 'nudges', id);
};
/** Its reader was stopped by no fault of the message: it waits as long as it must, and tells when it was shown already. */
export const keepNudge = (tx: Tx, id: string): void => {
  tx.sql.run(`UPDATE nudges SET again = again OR state = 'sent', state = 'pending', expires_at = NULL WHERE id = ? AND ${OPEN}`, id);
  touch(tx, 'nudges', id);
};
export function expireNudge(tx: Tx, nudge: Nudge): void {
  tx.sql.run(`UPDATE nudges SET state = 'expired' WHERE id = ?`, nudge.id);
  touch(tx, 'nudges', nudge.id);
  record(tx, { type: 'nudge_expired', agentId: nudge.agentId, data: { nudgeId: nudge.id, source: nudge.source } });
}

/** A note for whoever continues this bead (or, for the Mayor, this agent). */
export const saveCheckpoint = (tx: Tx, owner: string, data: unknown): void => {
  tx.sql.run(
    'INSERT INTO checkpoints (owner, data, at) VALUES (?,?,?) ON CONFLICT (owner) DO UPDATE SET data = excluded.data, at = excluded.at',
    owner,
    JSON.stringify(data),
    tx.now,
  );
};
export function checkpointOf(sql: Sql, owner: string): PrimeContext['checkpoint'] {
  const row = first(sql, 'SELECT data FROM checkpoints WHERE owner = ?', owner);
  return row ? json(row, 'data') : null;
}
