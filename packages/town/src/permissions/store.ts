import {
  PermissionCategory,
  PermissionDecision,
  type AgentId,
  type BeadId,
  type PermissionId,
  type PermissionRow,
  type RigId,
  type RunId,
} from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { first, idList, int, intOrNull, list, one, oneOf, text, textOrNull, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

export interface Permission extends PermissionRow {
  readonly requestId: string;
}
const toPermission = (row: Row): Permission => ({
  id: text(row, 'id') as PermissionId,
  runId: text(row, 'run_id') as RunId,
  requestId: text(row, 'request_id'),
  agentId: text(row, 'agent_id') as AgentId,
  beadId: textOrNull(row, 'bead_id') as BeadId | null,
  rigId: textOrNull(row, 'rig_id') as RigId | null,
  category: oneOf(row, 'category', PermissionCategory.options),
  title: text(row, 'title'),
  detail: text(row, 'detail'),
  askedAt: int(row, 'asked_at'),
  until: int(row, 'until'),
  answeredAt: intOrNull(row, 'answered_at'),
  answeredBy: textOrNull(row, 'answered_by'),
  decision: row['decision'] === null ? null : oneOf(row, 'decision', PermissionDecision.options),
  reason: textOrNull(row, 'reason'),
});

export const findPermission = (sql: Sql, id: string): Permission | null =>
  one(sql, toPermission, 'SELECT * FROM permissions WHERE id = ?', id);
export const findRequest = (sql: Sql, runId: string, requestId: string): Permission | null =>
  one(sql, toPermission, 'SELECT * FROM permissions WHERE run_id = ? AND request_id = ?', runId, requestId);
/** Oldest first; those of one moment in the order in which they came. */
export const openPermissions = (sql: Sql): Permission[] =>
  list(sql, toPermission, 'SELECT * FROM permissions WHERE answered_at IS NULL ORDER BY until, rowid');
export const openPermissionsOf = (sql: Sql, runId: string): Permission[] => openPermissions(sql).filter((one) => one.runId === runId);
export const countPermissionsOf = (sql: Sql, runId: string): number =>
  int(first(sql, 'SELECT count(*) AS n FROM permissions WHERE run_id = ?', runId)!, 'n');
export const permissionsById = (sql: Sql, ids: Iterable<string>): Permission[] =>
  list(sql, toPermission, 'SELECT * FROM permissions WHERE id IN (SELECT value FROM json_each(?))', idList(ids));
export const newestPermissions = (sql: Sql, limit: number): Permission[] =>
  list(sql, toPermission, 'SELECT * FROM permissions ORDER BY rowid DESC LIMIT ?', limit);
export const nextPermissionEnd = (sql: Sql): number | null => openPermissions(sql)[0]?.until ?? null;
/** Did a person allow exactly this for the whole run? */
export const isAllowedForRun = (
  sql: Sql,
  { runId, category, title, detail }: Pick<Permission, 'runId' | 'category' | 'title' | 'detail'>,
): boolean =>
  first(
    sql,
    `SELECT 1 FROM permissions WHERE run_id = ? AND decision = 'run' AND category = ? AND title = ? AND detail = ?`,
    runId,
    category,
    title,
    detail,
  ) !== undefined;

export type NewPermission = Pick<
  Permission,
  'id' | 'runId' | 'requestId' | 'agentId' | 'beadId' | 'rigId' | 'category' | 'title' | 'detail' | 'until'
>;
export function insertPermission(tx: Tx, one: NewPermission): void {
  tx.sql.run(
    `INSERT INTO permissions (id, run_id, request_id, agent_id, bead_id, rig_id, category, title, detail, asked_at, until)
     VALUES (?,?,?,?,?,?,?,?,?,?,?)`,
    one.id,
    one.runId,
    one.requestId,
    one.agentId,
    one.beadId,
    one.rigId,
    one.category,
    one.title,
    one.detail,
    tx.now,
    one.until,
  );
  touch(tx, 'permissions', one.id);
  forgetOld(tx);
}

/** What was answered is kept for a while; each new question forgets a few of the oldest. The ledger keeps what was decided. */
const KEPT = 500;
const FORGOTTEN_AT_ONCE = 2;
function forgetOld(tx: Tx): void {
  const old = tx.sql.all(
    'SELECT id FROM permissions WHERE rowid <= (SELECT max(rowid) FROM permissions) - ? AND answered_at IS NOT NULL ORDER BY rowid LIMIT ?',
    KEPT,
    FORGOTTEN_AT_ONCE,
  );
  for (const row of old) {
    tx.sql.run('DELETE FROM permissions WHERE id = ?', text(row, 'id'));
    touch(tx, 'permissions', text(row, 'id'));
  }
}

/** `decision` null: withdrawn. */
export function closePermission(tx: Tx, id: string, end: { by: string; decision: PermissionDecision | null; reason: string | null }): void {
  tx.sql.run(
    'UPDATE permissions SET answered_at = ?, answered_by = ?, decision = ?, reason = ? WHERE id = ? AND answered_at IS NULL',
    tx.now,
    end.by,
    end.decision,
    end.reason,
    id,
  );
  touch(tx, 'permissions', id);
}
