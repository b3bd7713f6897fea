import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Sql, SqlValue } from '../api.ts';

type Parameter = string | number | null | Uint8Array;
const plain = (value: SqlValue): Parameter => (value instanceof ArrayBuffer ? new Uint8Array(value) : value);

const checked = (parameters: readonly SqlValue[]): Parameter[] => {
  if (parameters.length > 100) throw new Error('more than 100 parameters');
  return parameters.map(plain);
};

/** The core's store over Node's SQLite, in memory unless a file is named: what tests and benchmarks run on. Each statement is one of the platform's: at most 100 parameters. */
export function memorySql(file = ':memory:'): Sql & { readonly db: DatabaseSync } {
  const db = new DatabaseSync(file);
  const statements = new Map<string, StatementSync>();
  const prepare = (text: string): StatementSync => {
    const known = statements.get(text);
    if (known) return known;
    const made = db.prepare(text);
    statements.set(text, made);
    return made;
  };
  return {
    db,
    all: (text, ...parameters) => prepare(text).all(...checked(parameters)) as Record<string, SqlValue>[],
    run: (text, ...parameters) => Number(prepare(text).run(...checked(parameters)).changes),
  };
}
