import { LIMITS, type RigId } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { goesOn } from '../over.ts';
import { first, idList, int, intOrNull, text } from '../sql.ts';
import { DISPATCHABLE, PLANNED, READY } from './table.ts';

/** The rigs that have work for an agent: one index seek a rig, however many beads wait. */
export const rigsWithReadyWork = (sql: Sql): string[] =>
  sql
    .all(
      `WITH RECURSIVE rig (id) AS (
         SELECT * FROM (SELECT rig_id FROM beads WHERE ${DISPATCHABLE} ORDER BY rig_id LIMIT 1)
         UNION ALL SELECT (SELECT min(b.rig_id) FROM beads b WHERE b.rig_id > rig.id AND ${DISPATCHABLE}) FROM rig WHERE rig.id IS NOT NULL
       ) SELECT id FROM rig WHERE id IS NOT NULL`,
    )
    .map((row) => text(row, 'id'));

export interface ReadyBead {
  readonly id: string;
  readonly rigId: string;
  readonly rank: number;
  readonly createdAt: number;
  readonly place: number;
}
/** The front of one rig's line: priority, then age, then the order of the convoy (RC-13). Costs what it returns. */
export const dispatchableBeads = (sql: Sql, rigId: string, limit: number): ReadyBead[] =>
  sql
    .all(
      `SELECT id, rank, created_at, convoy_place FROM beads WHERE rig_id = ? AND ${DISPATCHABLE}
       ORDER BY rig_id, rank, created_at, convoy_place, rowid LIMIT ?`,
      rigId,
      limit,
    )
    .map((row) => ({
      id: text(row, 'id'),
      rigId,
      rank: int(row, 'rank'),
      createdAt: int(row, 'created_at'),
      place: intOrNull(row, 'convoy_place') ?? -1,
    }));

/** Nobody needs an exact place in a longer line, and counting must not grow with the town. */
export const COUNTED = 200;
/** How many dispatchable beads of the rig go before this one, counted up to `COUNTED`. */
export function readyBefore(sql: Sql, rigId: string, rank: number, createdAt: number): number {
  const row = first(
    sql,
    `SELECT count(*) AS n FROM (SELECT 1 FROM beads WHERE rig_id = ? AND (rank, created_at) < (?, ?) AND ${DISPATCHABLE} LIMIT ?)`,
    rigId,
    rank,
    createdAt,
    COUNTED,
  );
  return row ? int(row, 'n') : 0;
}

/** Ready work of the whole town or of one rig, epics among it. `newest`: priority, then newest first, then id, as `bd ready` has it; `oldest`: age, then id. */
export const readyIds = (sql: Sql, order: 'newest' | 'oldest', limit: number, rigId?: RigId): string[] =>
  sql
    .all(
      `SELECT id FROM beads WHERE ${READY}${rigId ? ' AND rig_id = ?' : ''} ORDER BY ${order === 'newest' ? 'rank, created_at DESC, created_fine DESC, id' : 'created_at, created_fine, id'} LIMIT ?`,
      ...(rigId ? [rigId] : []),
      limit,
    )
    .map((row) => text(row, 'id'));

/** Which of these beads are ready. */
export const readyAmong = (sql: Sql, ids: readonly string[]): ReadonlySet<string> =>
  new Set(
    sql.all(`SELECT id FROM beads WHERE id IN (SELECT value FROM json_each(?)) AND ${READY}`, idList(ids)).map((row) => text(row, 'id')),
  );

/** How many are ready in the whole town, counted up to one more than a list may have. */
export function countReady(sql: Sql): number {
  const row = first(sql, `SELECT count(*) AS n FROM (SELECT 1 FROM beads WHERE ${READY} LIMIT ?)`, LIMITS.readyBeads.value + 1);
  return row ? int(row, 'n') : 0;
}
/** Asked where nothing is ready: what is planned in each rig, and how much work is open. It looks at all of it. */
export const plannedByRig = (sql: Sql): ReadonlyMap<string, number> =>
  new Map(
    sql
      .all(`SELECT rig_id, count(*) AS n FROM beads WHERE ${PLANNED} AND rig_id IS NOT NULL GROUP BY rig_id ORDER BY n DESC, rig_id`)
      .map((row) => [text(row, 'rig_id'), int(row, 'n')]),
  );
export function countOpen(sql: Sql): number {
  const row = first(sql, `SELECT count(*) AS n FROM beads WHERE type = 'issue' AND status = 'open' AND archived_at IS NULL`);
  return row ? int(row, 'n') : 0;
}

/** When the next bead is tried again, and when the next one was put off until. One question, which the rules and the wake ask alike. */
const next = (sql: Sql, which: 'retry' | 'lastRetry' | 'deferral'): number | null => {
  const row = first(
    sql,
    `SELECT (SELECT min(retry_at) FROM beads WHERE retry_at IS NOT NULL) AS retry,
       (SELECT max(retry_at) FROM beads WHERE retry_at IS NOT NULL) AS lastRetry,
       (SELECT min(defer_until) FROM beads WHERE defer_until IS NOT NULL) AS deferral`,
  );
  return row ? intOrNull(row, which) : null;
};
export const nextRetry = (sql: Sql): number | null => next(sql, 'retry');
export const nextDeferral = (sql: Sql): number | null => next(sql, 'deferral');

/** Beads whose time to try again has come, or lies further away than it is ever set (`isOver`). */
export function retriesDue(sql: Sql, now: number): string[] {
  const { after, upTo } = goesOn(now, LIMITS.effectRetryCapMs.value);
  if ((nextRetry(sql) ?? Infinity) > after && (next(sql, 'lastRetry') ?? 0) <= upTo) return [];
  const query = 'SELECT id FROM beads WHERE retry_at IS NOT NULL AND (retry_at <= ? OR retry_at > ?)';
  return sql.all(query, after, upTo).map((row) => text(row, 'id'));
}
/** Beads that were put off until now. */
export function deferralsDue(sql: Sql, now: number): string[] {
  if ((nextDeferral(sql) ?? Infinity) > now) return [];
  return sql.all('SELECT id FROM beads WHERE defer_until IS NOT NULL AND defer_until <= ?', now).map((row) => text(row, 'id'));
}
