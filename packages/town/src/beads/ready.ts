import type { Sql } from '../api.ts';
import { first, int, intOrNull, text } from '../sql.ts';

const READY = `type = 'issue' AND status = 'open' AND blockers = 0 AND retry_at IS NULL AND archived_at IS NULL`;

/** The rigs that have ready work: one index seek a rig, however many beads wait. */
export const rigsWithReadyWork = (sql: Sql): string[] =>
  sql
    .all(
      `WITH RECURSIVE rig (id) AS (
         SELECT min(rig_id) FROM beads WHERE ${READY}
         UNION ALL SELECT (SELECT min(b.rig_id) FROM beads b WHERE b.rig_id > rig.id AND ${READY}) FROM rig WHERE rig.id IS NOT NULL
       ) SELECT id FROM rig WHERE id IS NOT NULL`,
    )
    .map((row) => text(row, 'id'));

export interface ReadyBead {
  readonly id: string;
  readonly rigId: string;
  readonly rank: number;
  readonly createdAt: number;
}
/** The front of one rig's line: priority, then age (RC-13). Costs what it returns. */
export const readyBeads = (sql: Sql, rigId: string, limit: number): ReadyBead[] =>
  sql
    .all(`SELECT id, rank, created_at FROM beads WHERE rig_id = ? AND ${READY} ORDER BY rig_id, rank, created_at LIMIT ?`, rigId, limit)
    .map((row) => ({ id: text(row, 'id'), rigId, rank: int(row, 'rank'), createdAt: int(row, 'created_at') }));

/** Nobody needs an exact place in a longer line, and counting must not grow with the town. */
export const COUNTED = 200;
/** How many ready beads of the rig go before this one, counted up to `COUNTED`. */
export function readyBefore(sql: Sql, rigId: string, rank: number, createdAt: number): number {
  const row = first(
    sql,
    `SELECT count(*) AS n FROM (SELECT 1 FROM beads WHERE rig_id = ? AND (rank, created_at) < (?, ?) AND ${READY} LIMIT ?)`,
    rigId,
    rank,
    createdAt,
    COUNTED,
  );
  return row ? int(row, 'n') : 0;
}

/** Beads whose time to try again has come. */
export const retriesDue = (sql: Sql, now: number): string[] =>
  sql.all('SELECT id FROM beads WHERE retry_at IS NOT NULL AND retry_at <= ?', now).map((row) => text(row, 'id'));
export function nextRetry(sql: Sql): number | null {
  const row = first(sql, 'SELECT min(retry_at) AS at FROM beads WHERE retry_at IS NOT NULL');
  return row ? intOrNull(row, 'at') : null;
}
