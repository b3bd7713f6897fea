import type { Sql, SqlValue } from './api.ts';

/** Reading columns: our own rows, so a wrong type is a bug and throws with the column's name. */
export type Row = Record<string, SqlValue>;

const wrong = (row: Row, column: string, wanted: string): never => {
  throw new TypeError(`column ${column} should hold ${wanted}, holds ${typeof row[column]}`);
};

export const first = (sql: Sql, statement: string, ...parameters: SqlValue[]): Row | undefined => sql.all(statement, ...parameters)[0];

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
/** JSON columns hold passengers that we wrote ourselves. */
export const json = <T>(row: Row, column: string): T => JSON.parse(text(row, column)) as T;
export const jsonOrNull = <T>(row: Row, column: string): T | null => (row[column] === null ? null : json<T>(row, column));

export const packed = (value: unknown): string | null => (value === null || value === undefined ? null : JSON.stringify(value));
/** A list of ids as one parameter for `json_each(?)`: the platform allows 100 parameters a statement (H17). */
export const idList = (ids: Iterable<string>): string => JSON.stringify([...ids]);

/** `a = ?, b = ?` and its values, for a store's own update statement. Column names come from our code, never from outside. */
export function assignments(patch: Readonly<Record<string, SqlValue>>): { set: string; values: SqlValue[] } {
  const columns = Object.keys(patch);
  return { set: columns.map((column) => `${column} = ?`).join(', '), values: columns.map((column) => patch[column] ?? null) };
}
