import type { Sql, SqlValue } from '@gastown/town';
import { migrate } from '@gastown/town';
import { memorySql, remembering } from '@gastown/town/testing';

/**
 * The store of a town in memory. One database serves many runs, one after the other: emptied instead of made anew, because making a schema takes longer
 * than a hundred steps. Knows which tables were written since it was asked last, and what was read of the others: the town, the checkers and the pages ask
 * for the same rows in turn after turn, and nobody else writes here.
 */
export interface Store {
  readonly sql: Sql;
  /** All or nothing. */
  transaction<T>(work: () => T): T;
  /** Rows written since the run began. */
  written(): number;
  /** Tables written since the last call. */
  takeTables(): Set<string>;
  empty(): void;
}

export function openStore(): Store {
  const inner = memorySql();
  const made = migrate(inner);
  if (!made.ok) throw new Error(made.failure.message);
  const names = inner
    .all(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
    .map((row) => String(row.name));
  const atFirst = names.map((name) => ({ name, rows: inner.all(`SELECT * FROM ${name}`) }));
  let tables = new Set<string>();
  let rows = 0;
  let known = remembering(inner);
  const sql: Sql = {
    all: (text, ...parameters) => known.all(text, ...parameters),
    run(text, ...parameters) {
      const changed = known.run(text, ...parameters);
      rows += changed;
      if (changed > 0) tables.add(tableOf(text));
      return changed;
    },
  };
  return {
    sql,
    transaction(work) {
      inner.db.exec('BEGIN');
      try {
        const result = work();
        inner.db.exec('COMMIT');
        return result;
      } catch (error) {
        inner.db.exec('ROLLBACK');
        known = remembering(inner);
        throw error;
      }
    },
    written: () => rows,
    takeTables() {
      const taken = tables;
      tables = new Set();
      return taken;
    },
    empty() {
      inner.db.exec('BEGIN');
      for (const { name, rows: kept } of atFirst) {
        inner.run(`DELETE FROM ${name}`);
        for (const row of kept) insert(inner, name, row);
      }
      inner.db.exec('COMMIT');
      tables = new Set();
      known = remembering(inner);
      rows = 0;
    },
  };
}

function insert(sql: Sql, table: string, row: Record<string, SqlValue>): void {
  const columns = Object.keys(row);
  sql.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`, ...Object.values(row));
}

const known = new Map<string, string>();
function tableOf(text: string): string {
  const seen = known.get(text);
  if (seen !== undefined) return seen;
  const found = /\b(?:INTO|UPDATE|FROM)\s+([a-z_]+)/i.exec(text)?.[1] ?? '';
  known.set(text, found);
  return found;
}
