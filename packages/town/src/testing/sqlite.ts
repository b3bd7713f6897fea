import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Sql, SqlValue } from '../api.ts';

type Parameter = string | number | null | Uint8Array;
const plain = (value: SqlValue): Parameter => (value instanceof ArrayBuffer ? new Uint8Array(value) : value);

/** What a value, so also a parameter, holds at most on the platform, in bytes; a character is at most three. */
const VALUE_BYTES = 2_000_000;
const isTooLong = (value: SqlValue): boolean =>
  typeof value === 'string' && 3 * value.length > VALUE_BYTES && Buffer.byteLength(value) > VALUE_BYTES;

const checked = (parameters: readonly SqlValue[]): Parameter[] => {
  if (parameters.length > 100) throw new Error('more than 100 parameters');
  if (parameters.some(isTooLong)) throw new Error('a parameter of more than 2 MB');
  return parameters.map(plain);
};

/** A statement with how its rows are made of their values. */
interface Prepared {
  readonly statement: StatementSync;
  readonly row: (values: SqlValue[]) => Record<string, SqlValue>;
}
/** Rows as the platform gives them, ordinary objects of one shape: twice as fast to make and to read as the bare ones of Node's SQLite, and a simulation reads little else. */
function rowMaker(columns: readonly string[]): Prepared['row'] {
  const fields = columns.map((name, at) => `${JSON.stringify(name)}: values[${at}]`);
  return new Function('values', `return { ${fields.join(', ')} }`) as Prepared['row'];
}

const CHANGES_COLUMNS = /^\s*(?:ALTER|DROP) TABLE\b/i;

/** The core's store over Node's SQLite, in memory unless a file is named: what tests and benchmarks run on. Each statement is one of the platform's: at most 100 parameters, none of more than 2 MB. */
export function memorySql(file = ':memory:'): Sql & { readonly db: DatabaseSync } {
  const db = new DatabaseSync(file);
  const statements = new Map<string, Prepared>();
  const prepare = (text: string): Prepared => {
    const known = statements.get(text);
    if (known) return known;
    const statement = db.prepare(text);
    statement.setReturnArrays(true);
    const made = { statement, row: rowMaker(statement.columns().map(({ name }) => name)) };
    statements.set(text, made);
    return made;
  };
  return {
    db,
    all(text, ...parameters) {
      const { statement, row } = prepare(text);
      return (statement.all(...checked(parameters)) as unknown as SqlValue[][]).map(row);
    },
    run(text, ...parameters) {
      const changed = Number(prepare(text).statement.run(...checked(parameters)).changes);
      if (CHANGES_COLUMNS.test(text)) statements.clear();
      return changed;
    },
  };
}
