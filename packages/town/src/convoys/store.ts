import { ConvoyStatus, MergeMode, type BeadStatus, type ConvoyId } from '@gastown/protocol';
import type { Sql, SqlValue } from '../api.ts';
import { assignments, flag, idList, int, intOrNull, list, one, oneOf, text, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

export interface Convoy {
  readonly id: ConvoyId;
  readonly status: ConvoyStatus;
  readonly mergeMode: MergeMode;
  readonly paused: boolean;
  readonly createdAt: number;
  readonly landedAt: number | null;
  readonly total: number;
  readonly closed: number;
  readonly failed: number;
  readonly nextPlace: number;
}
const toConvoy = (row: Row): Convoy => ({
  id: text(row, 'id') as ConvoyId,
  status: oneOf(row, 'status', ConvoyStatus.options),
  mergeMode: oneOf(row, 'merge_mode', MergeMode.options),
  paused: flag(row, 'paused'),
  createdAt: int(row, 'created_at'),
  landedAt: intOrNull(row, 'landed_at'),
  total: int(row, 'total'),
  closed: int(row, 'closed'),
  failed: int(row, 'failed'),
  nextPlace: int(row, 'next_place'),
});

export const findConvoy = (sql: Sql, id: string): Convoy | null => one(sql, toConvoy, 'SELECT * FROM convoys WHERE id = ?', id);
export const convoysById = (sql: Sql, ids: Iterable<string>): Convoy[] =>
  list(sql, toConvoy, 'SELECT * FROM convoys WHERE id IN (SELECT value FROM json_each(?))', idList(ids));
export const liveConvoys = (sql: Sql): Convoy[] =>
  list(sql, toConvoy, `SELECT * FROM convoys WHERE status IN ('staged', 'open') ORDER BY created_at DESC, rowid DESC`);
export const newestConvoys = (sql: Sql, limit: number): Convoy[] =>
  list(sql, toConvoy, 'SELECT * FROM convoys ORDER BY rowid DESC LIMIT ?', limit);

export const touchConvoy = (tx: Tx, id: string): void => touch(tx, 'convoys', id);

export function insertConvoy(tx: Tx, id: ConvoyId, status: ConvoyStatus, mergeMode: MergeMode): void {
  tx.sql.run('INSERT INTO convoys (id, status, merge_mode, created_at) VALUES (?,?,?,?)', id, status, mergeMode, tx.now);
  touchConvoy(tx, id);
}

type Column = 'status' | 'merge_mode' | 'paused' | 'landed_at' | 'next_place';
export function updateConvoy(tx: Tx, id: string, patch: Partial<Record<Column, SqlValue>>): void {
  const { set, values } = assignments(patch as Record<string, SqlValue>);
  tx.sql.run(`UPDATE convoys SET ${set} WHERE id = ?`, ...values, id);
  touchConvoy(tx, id);
}

const is = (status: BeadStatus | null, wanted: BeadStatus): number => Number(status === wanted);
/** A bead of the convoy changed its status; null: it was no member before, or is none after. Every such change comes through here (CV-3). */
export function memberMoved(tx: Tx, id: string, before: BeadStatus | null, after: BeadStatus | null): void {
  tx.sql.run(
    'UPDATE convoys SET total = total + ?, closed = closed + ?, failed = failed + ? WHERE id = ?',
    Number(after !== null) - Number(before !== null),
    is(after, 'closed') - is(before, 'closed'),
    is(after, 'failed') - is(before, 'failed'),
    id,
  );
  touchConvoy(tx, id);
}
