import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';

type Row = Record<string, SQLOutputValue>;

/** A store as SQL text that makes it again: tables, rows in their order, indexes. The same store gives the same text. */
export function dump(db: DatabaseSync): string {
  const made = db.prepare(`SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type DESC, name`).all();
  const lines = made.flatMap((it) => [`${String(it['sql'])};`, ...(it['type'] === 'table' ? rows(db, String(it['name'])) : [])]);
  return `${lines.join('\n')}\n`;
}

function rows(db: DatabaseSync, table: string): string[] {
  const names = db.prepare(`SELECT name FROM pragma_table_info(?)`).all(table).map(nameOf);
  const quoted = names.map((name) => `quote("${name}")`).join(` || ',' || `);
  const values = db.prepare(`SELECT ${quoted} AS line FROM ${table}`).all();
  return values.map((row) => `INSERT INTO ${table} (${names.join(',')}) VALUES (${String(row['line'])});`);
}
const nameOf = (row: Row): string => String(row['name']);
