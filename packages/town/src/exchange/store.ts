import type { BeadId, ImportId, RigId } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { first, idList, int, jsonList, list, one, text, type Row } from '../sql.ts';
import type { Tx } from '../tx.ts';

/** The line that a bead came as. */
export interface Passenger {
  readonly beadId: string;
  readonly line: string;
  /** The bead's own `updated_at` when the line was taken. */
  readonly updatedAt: number;
  /** Places in the line's list of dependencies. */
  readonly untaken: readonly number[];
}
const toPassenger = (row: Row): Passenger => ({
  beadId: text(row, 'bead_id'),
  line: text(row, 'line'),
  updatedAt: int(row, 'updated_at'),
  untaken: jsonList<number>(row, 'untaken'),
});
export const passengersOf = (sql: Sql, ids: readonly string[]): Map<string, Passenger> =>
  new Map(
    list(sql, toPassenger, 'SELECT * FROM imported_lines WHERE bead_id IN (SELECT value FROM json_each(?))', idList(ids)).map((one) => [
      one.beadId,
      one,
    ]),
  );

/** One statement a line: as a part of a list, quotes would make a long line too long for one parameter. */
export function keepLine(tx: Tx, importId: ImportId, { beadId, line, updatedAt, untaken }: Passenger): void {
  tx.sql.run(
    `INSERT INTO imported_lines (bead_id, import_id, line, updated_at, untaken) VALUES (?,?,?,?,?)
     ON CONFLICT (bead_id) DO UPDATE SET import_id = excluded.import_id, line = excluded.line, updated_at = excluded.updated_at, untaken = excluded.untaken`,
    beadId,
    importId,
    line,
    updatedAt,
    JSON.stringify(untaken),
  );
}

export function keepUntaken(tx: Tx, beadId: string, untaken: readonly number[]): void {
  tx.sql.run('UPDATE imported_lines SET untaken = ? WHERE bead_id = ?', JSON.stringify(untaken), beadId);
}

export function keepImport(tx: Tx, id: ImportId, rigId: RigId, created: number, updated: number): void {
  tx.sql.run('INSERT INTO imports (id, at, rig_id, created, updated) VALUES (?,?,?,?,?)', id, tx.now, rigId, created, updated);
}
export const isImport = (sql: Sql, id: string): boolean => first(sql, 'SELECT 1 FROM imports WHERE id = ?', id) !== undefined;
/** The import that told of a bead last. */
export const importOf = (sql: Sql, beadId: string): { id: ImportId; at: number } | null =>
  one(
    sql,
    (row) => ({ id: text(row, 'id') as ImportId, at: int(row, 'at') }),
    'SELECT i.id, i.at FROM imported_lines l CROSS JOIN imports i ON i.id = l.import_id WHERE l.bead_id = ?',
    beadId,
  );
/** Its beads, but those that a later import said anew. */
export const beadsOfImport = (sql: Sql, id: string): BeadId[] =>
  sql.all('SELECT bead_id FROM imported_lines WHERE import_id = ?', id).map((row) => text(row, 'bead_id') as BeadId);
