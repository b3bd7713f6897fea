import type { Sql, SqlValue } from './api.ts';

/** Reading columns: our own rows, so a wrong type is a bug and throws with the column's name. */
export type Row = Record<string, SqlValue>;

const wrong = (row: Row, column: string, wanted: string): never => {
  throw new TypeError(`column ${column} should hold ${wanted}, holds ${typeof row[column]}`);
};

export const first = (sql: Sql, statement: string, ...parameters: SqlValue[]): Row | undefined => sql.all(statement, ...parameters)[0];

/** What a statement gives, as ours. A row that cannot be read is told and skipped: it stalls neither the town nor a snapshot (DM-15). */
export function list<T>(sql: Sql, read: (row: Row) => T, statement: string, ...parameters: SqlValue[]): T[] {
  return sql.all(statement, ...parameters).flatMap((row) => readable(sql, read, row) ?? []);
}
/** The first row, as ours; null when there is none that can be read. */
export function one<T>(sql: Sql, read: (row: Row) => T, statement: string, ...parameters: SqlValue[]): T | null {
  const row = first(sql, statement, ...parameters);
  return row ? readable(sql, read, row) : null;
}
function readable<T>(sql: Sql, read: (row: Row) => T, row: Row): T | null {
  try {
    return read(row);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    sql.unreadable?.(`${read.name.replace(/^to/, '')} ${String(row.id ?? row.bead_id ?? '')}: ${error.message}`);
    return null;
  }
}

export function text(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : wrong(row, column, 'text');
}
export function int(row: Row, column: string): number {
  const value = row[column];
  return typeof value === 'number' ? value : wrong(row, column, 'a number');
}
export const textOrNull = (row: Row, column: string): string | null => (row[column] === null ? null : text(row, column));
export const intOrNull = (row: Row, column: string): number | null => (row[column] === null ? null : int(row, column));
export const flag = (row: Row, column: string): boolean => int(row, column) !== 0;
/** JSON columns hold passengers that we wrote ourselves. The error names the column and never what is in it (I16). */
export function json<T>(row: Row, column: string): T {
  try {
    return JSON.parse(text(row, column)) as T;
  } catch {
    return wrong(row, column, 'JSON');
  }
}
export function jsonList<T>(row: Row, column: string): T[] {
  const found = json<unknown>(row, column);
  return Array.isArray(found) ? (found as T[]) : wrong(row, column, 'a JSON list');
}
export const jsonOrNull = <T>(row: Row, column: string): T | null => (row[column] === null ? null : json<T>(row, column));

/** One of a closed list. */
export function oneOf<T extends string>(row: Row, column: string, values: readonly T[]): T {
  const found = text(row, column);
  return values.find((value) => value === found) ?? wrong(row, column, `one of ${values.join(', ')}`);
}

export const packed = (value: unknown): string | null => (value === null || value === undefined ? null : JSON.stringify(value));
/** A list of ids as one parameter for `json_each(?)`: the platform allows 100 parameters a statement (H17). */
export const idList = (ids: Iterable<string>): string => JSON.stringify([...ids]);

/** Of ids that may be all of a town: an id has at most 64 characters, so a page is far from the 2 MB that a parameter holds, and what is read of it far from all memory. */
const PAGE = 500;
export function* idPages<Id extends string>(ids: readonly Id[], page = PAGE): Generator<Id[]> {
  for (let at = 0; at < ids.length; at += page) yield ids.slice(at, at + page);
}

/** `a = ?, b = ?` and its values, for a store's own update statement. Column names come from our code, never from outside. */
export function assignments(patch: Readonly<Record<string, SqlValue>>): { set: string; values: SqlValue[] } {
  const columns = Object.keys(patch);
  return { set: columns.map((column) => `${column} = ?`).join(', '), values: columns.map((column) => patch[column] ?? null) };
}

/** A parameter holds at most 2 MB on the platform, and a character may be three bytes. */
const CHUNK_CHARACTERS = 300_000;
/** Rows as parameters for `json_each(?)`, as many at once as one parameter holds. */
export function* rowChunks(rows: Iterable<unknown>): Generator<string> {
  let chunk: string[] = [];
  let size = 0;
  for (const row of rows) {
    const said = JSON.stringify(row);
    if (chunk.length > 0 && size + said.length > CHUNK_CHARACTERS) {
      yield `[${chunk.join(',')}]`;
      [chunk, size] = [[], 0];
    }
    chunk.push(said);
    size += said.length;
  }
  if (chunk.length > 0) yield `[${chunk.join(',')}]`;
}
