import { LIMITS, type BadLine, type BadLines, type BadLinesQuery, type ImportId, type RigId } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { record } from '../ledger/store.ts';
import { allRigs } from '../rigs/store.ts';
import { flag, int, list, text, textOrNull, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

/** Bad lines of imports, kept for a person. */
export interface KeptLine {
  readonly seq: number;
  readonly rigId: string;
  readonly print: string;
  readonly mark: string;
  readonly importId: string;
  readonly line: number;
  readonly beadId: string | null;
  readonly why: string;
  readonly at: number;
}
const toKeptLine = (row: Row): KeptLine => ({
  seq: int(row, 'seq'),
  rigId: text(row, 'rig_id'),
  print: text(row, 'print'),
  mark: text(row, 'mark'),
  importId: text(row, 'import_id'),
  line: int(row, 'line'),
  beadId: textOrNull(row, 'bead_id'),
  why: text(row, 'why'),
  at: int(row, 'at'),
});
/** Of a rig or of all, without what stands in them; bounded by `LIMITS.badLines`. */
export const keptLines = (sql: Sql, rigId: RigId | undefined): KeptLine[] =>
  list(
    sql,
    toKeptLine,
    'SELECT seq, rig_id, print, mark, import_id, line, bead_id, why, at FROM bad_lines WHERE ?1 IS NULL OR rig_id = ?1 ORDER BY seq',
    rigId ?? null,
  );
/** How many each rig has, and since when. */
export const badLinesByRig = (sql: Sql): ReadonlyMap<string, { lines: number; since: number }> =>
  new Map(
    sql
      .all('SELECT rig_id, count(*) AS lines, min(at) AS since FROM bad_lines GROUP BY rig_id')
      .map((row) => [text(row, 'rig_id'), { lines: int(row, 'lines'), since: int(row, 'since') }]),
  );
export interface NewBadLine extends Omit<KeptLine, 'seq' | 'at' | 'rigId'> {
  readonly rigId: RigId;
  readonly field: string;
  readonly text: string;
  readonly cut: boolean;
}
export function keepBadLine(tx: Tx, row: NewBadLine): void {
  tx.sql.run(
    'INSERT INTO bad_lines (rig_id, print, import_id, line, bead_id, field, why, mark, text, cut, at) VALUES (?,?,?,?,?,?,?,?,?,?,?)',
    row.rigId,
    row.print,
    row.importId,
    row.line,
    row.beadId,
    row.field,
    row.why,
    row.mark,
    row.text,
    row.cut ? 1 : 0,
    tx.now,
  );
  touch(tx, 'rigs', row.rigId);
}
export function deleteBadLines(tx: Tx, seqs: readonly number[]): void {
  if (seqs.length === 0) return;
  const going = JSON.stringify(seqs);
  const rigs = tx.sql.all('SELECT DISTINCT rig_id FROM bad_lines WHERE seq IN (SELECT value FROM json_each(?))', going);
  tx.sql.run('DELETE FROM bad_lines WHERE seq IN (SELECT value FROM json_each(?))', going);
  for (const row of rigs) touch(tx, 'rigs', text(row, 'rig_id'));
}
/** A rig that is removed takes its lines along: nothing can be brought into it any more. */
export function dropBadLines(tx: Tx, rigId: RigId): void {
  const lines = keptLines(tx.sql, rigId);
  deleteBadLines(
    tx,
    lines.map(({ seq }) => seq),
  );
  if (lines.length > 0) record(tx, { type: 'lines_discarded', data: { rigId, lines: lines.length } });
}

const toBadLine = (row: Row): Omit<BadLine, 'rig'> => ({
  seq: int(row, 'seq'),
  importId: text(row, 'import_id') as ImportId,
  rigId: text(row, 'rig_id') as RigId,
  line: int(row, 'line'),
  id: textOrNull(row, 'bead_id'),
  field: text(row, 'field'),
  why: text(row, 'why'),
  text: text(row, 'text'),
  cut: flag(row, 'cut'),
  at: int(row, 'at'),
});
/** In the order in which they came. */
export function badLinesPage(sql: Sql, { rig, after, limit }: BadLinesQuery): BadLines {
  const most = Math.min(limit, LIMITS.badLinesPage.value);
  const lines = list(
    sql,
    toBadLine,
    'SELECT * FROM bad_lines WHERE seq > ?1 AND (?2 IS NULL OR rig_id = ?2) ORDER BY seq LIMIT ?3',
    after,
    rig ?? null,
    most + 1,
  );
  const names = new Map<string, string>(allRigs(sql).map(({ id, name }) => [id, name]));
  const page = lines.slice(0, most).map((one) => ({ ...one, rig: names.get(one.rigId) ?? one.rigId }));
  return { lines: page, total: keptLines(sql, rig).length, next: lines.length > most ? (page.at(-1)?.seq ?? null) : null };
}
