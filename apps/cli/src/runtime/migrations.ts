/** Brings the directory database up to date as `wrangler d1 migrations apply` does: in the order of their names, each once, noted in `d1_migrations`. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** The part of a D1 database that is used here. */
export interface Database {
  prepare(sql: string): { all(): Promise<{ results: Record<string, unknown>[] }> };
  batch(statements: unknown[]): Promise<unknown>;
}

const TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`;

export const readMigrations = (folder: string): Migration[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .toSorted()
    .map((name) => ({ name, sql: readFileSync(path.join(folder, name), 'utf8') }));

/** Each migration and its note are one transaction: after a crash it is applied or not, never half. Returns the names applied now. */
export async function applyMigrations(database: Database, migrations: readonly Migration[]): Promise<string[]> {
  await database.prepare(TABLE).all();
  const { results } = await database.prepare('SELECT name FROM d1_migrations').all();
  const applied = new Set(results.map(({ name }) => name));
  const missing = migrations.filter(({ name }) => !applied.has(name));
  for (const { name, sql } of missing) {
    const note = `INSERT INTO d1_migrations (name) VALUES ('${name.replaceAll("'", "''")}')`;
    await database.batch([...statementsOf(sql), note].map((statement) => database.prepare(statement)));
  }
  return missing.map(({ name }) => name);
}

/** Splits at semicolons that end a statement: not those in strings, comments or trigger bodies. */
export function statementsOf(sql: string): string[] {
  const statements: string[] = [];
  let current = '';
  let depth = 0;
  for (const [token] of sql.matchAll(/--[^\n]*|\/\*[^]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\w+|[^]/g)) {
    if (token.startsWith('--') || token.startsWith('/*')) continue;
    const word = token.toUpperCase();
    if (word === 'BEGIN' || word === 'CASE') depth += 1;
    if (word === 'END') depth -= 1;
    if (token === ';' && depth === 0) {
      statements.push(current.trim());
      current = '';
    } else current += token;
  }
  return [...statements, current.trim()].filter(Boolean);
}
