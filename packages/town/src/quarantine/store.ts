import { HOME_RUNNER, LIMITS, QuarantineRow } from '@gastown/protocol';
import type { Actor, Poison, Sql } from '../api.ts';
import { idList, int, json, list, one, oneOf, text, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';
import type { Kept } from './clean.ts';

export interface Quarantined {
  readonly id: string;
  readonly source: QuarantineRow['source'];
  readonly kind: string;
  readonly actor: Actor;
  /** JSON of a `Poison`, unless only its beginning is kept. */
  readonly input: string;
  readonly kept: Kept['kept'];
  readonly error: string;
  readonly tries: number;
  readonly times: number;
  readonly firstAt: number;
  readonly at: number;
}
const toQuarantined = (row: Row): Quarantined => ({
  id: text(row, 'id'),
  source: oneOf(row, 'source', QuarantineRow.shape.source.options),
  kind: text(row, 'kind'),
  actor: json<Actor>(row, 'actor'),
  input: text(row, 'input'),
  kept: oneOf(row, 'kept', ['whole', 'cut', 'head']),
  error: text(row, 'error'),
  tries: int(row, 'tries'),
  times: int(row, 'times'),
  firstAt: int(row, 'first_at'),
  at: int(row, 'at'),
});
export const findQuarantined = (sql: Sql, id: string): Quarantined | null =>
  one(sql, toQuarantined, 'SELECT * FROM quarantine WHERE id = ?', id);
export const findSame = (sql: Sql, print: string): Quarantined | null =>
  one(sql, toQuarantined, 'SELECT * FROM quarantine WHERE print = ?', print);
/** Oldest first; bounded by `LIMITS.quarantineRows`. */
export const allQuarantined = (sql: Sql): Quarantined[] => list(sql, toQuarantined, 'SELECT * FROM quarantine ORDER BY at, id');
export const quarantinedById = (sql: Sql, ids: Iterable<string>): Quarantined[] =>
  list(sql, toQuarantined, 'SELECT * FROM quarantine WHERE id IN (SELECT value FROM json_each(?))', idList(ids));
/** The oldest of those that are too many now. */
export const overflowing = (sql: Sql): Quarantined[] =>
  list(sql, toQuarantined, 'SELECT * FROM quarantine ORDER BY at DESC, id DESC LIMIT 10 OFFSET ?', LIMITS.quarantineRows.value);

/** What an earlier version kept names no runner: there was one. */
export function poisonOf(row: Quarantined): Poison {
  const kept = JSON.parse(row.input) as Poison;
  return kept.kind === 'runner.report' ? { ...kept, runnerId: kept.runnerId ?? HOME_RUNNER } : kept;
}

export function insertQuarantined(tx: Tx, row: Omit<Quarantined, 'times' | 'firstAt' | 'at'>, print: string): void {
  tx.sql.run(
    `INSERT INTO quarantine (id, source, kind, print, actor, input, kept, error, tries, times, first_at, at) VALUES (?,?,?,?,?,?,?,?,?,1,?,?)`,
    row.id,
    row.source,
    row.kind,
    print,
    JSON.stringify(row.actor),
    row.input,
    row.kept,
    row.error,
    row.tries,
    tx.now,
    tx.now,
  );
  touch(tx, 'quarantine', row.id);
}
/** The same came again. */
export function countAgain(tx: Tx, id: string, error: string): void {
  tx.sql.run('UPDATE quarantine SET times = times + 1, at = ?, error = ? WHERE id = ?', tx.now, error, id);
  touch(tx, 'quarantine', id);
}
export function deleteQuarantined(tx: Tx, id: string): void {
  tx.sql.run('DELETE FROM quarantine WHERE id = ?', id);
  touch(tx, 'quarantine', id);
}
