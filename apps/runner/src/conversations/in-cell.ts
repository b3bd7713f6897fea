/**
 * Runs in an agent's cell as a program of its own (`session-tool.ts` hands this text to Node), so it imports nothing of ours. A job comes as JSON on standard input, its answer goes to standard output.
 *
 * A database is read in one transaction: whatever the agent writes meanwhile, all rows are of one moment, the write-ahead log included. It is written in one transaction too, by the columns that it has: a
 * newer version of the agent may have more.
 */
import { globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

type Row = Record<string, unknown>;
interface Content {
  readonly extent: number;
  readonly tables?: Record<string, Row[]>;
  readonly files?: { path: string; base64: string }[];
}
interface Job {
  readonly job: 'extent' | 'read' | 'write';
  readonly sessionId: string;
  readonly sqlite?: string;
  readonly tables?: { name: string; where: string; shared?: boolean }[];
  readonly files?: string[];
  /** Of the pool, by name. */
  readonly folders: Readonly<Record<string, string>>;
  readonly content?: Content;
}

const job = JSON.parse(readFileSync(0, 'utf8')) as Job;
process.stdout.write(JSON.stringify(job.sqlite === undefined ? withFiles(job.files ?? []) : withDatabase(job.sqlite)));

function withDatabase(path: string): Content {
  const db = new DatabaseSync(path, { readOnly: job.job !== 'write', timeout: 5_000 });
  db.exec(job.job === 'write' ? 'BEGIN IMMEDIATE' : 'BEGIN');
  if (job.job === 'write') put(db, job.content?.tables ?? {});
  const found = Object.fromEntries(tablesOf(db).map(({ name, where }) => [name, rowsOf(db, name, where)]));
  db.exec('COMMIT');
  db.close();
  const extent = tablesOf(null).reduce((sum, { name, shared }) => sum + (shared ? 0 : (found[name]?.length ?? 0)), 0);
  return job.job === 'read' ? { extent, tables: found } : { extent };
}

/** Those that this version of the agent has. */
function tablesOf(db: DatabaseSync | null): NonNullable<Job['tables']> {
  const wanted = job.tables ?? [];
  return db === null ? wanted : wanted.filter(({ name }) => columnsOf(db, name).length > 0);
}
function columnsOf(db: DatabaseSync, table: string): string[] {
  return db
    .prepare(`SELECT name FROM pragma_table_info('${table}')`)
    .all()
    .map(({ name }) => String(name));
}
function rowsOf(db: DatabaseSync, table: string, where: string): Row[] {
  const rows = db.prepare(`SELECT * FROM "${table}" WHERE ${where}`).all(job.sessionId);
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([column, value]) => [
        column,
        value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
      ]),
    ),
  );
}

function put(db: DatabaseSync, tables: Record<string, Row[]>): void {
  const there = tablesOf(db);
  for (const { name, where, shared } of there.toReversed())
    if (!shared) db.prepare(`DELETE FROM "${name}" WHERE ${where}`).run(job.sessionId);
  for (const { name, shared } of there) {
    const columns = columnsOf(db, name);
    for (const row of tables[name] ?? []) {
      const known = Object.keys(row).filter((column) => columns.includes(column));
      const places = known.map(() => '?').join(', ');
      const named = known.map((column) => `"${column}"`).join(', ');
      db.prepare(`INSERT ${shared ? 'OR IGNORE ' : ''}INTO "${name}" (${named}) VALUES (${places})`).run(
        ...known.map((column) => valueOf(row[column])),
      );
    }
  }
}
function valueOf(value: unknown): SQLInputValue {
  if (typeof value === 'object' && value !== null && 'base64' in value) return Buffer.from(String(value.base64), 'base64');
  return value as SQLInputValue;
}

function withFiles(patterns: string[]): Content {
  if (job.job === 'write')
    for (const { path: named, base64 } of job.content?.files ?? []) {
      const path = pathOf(named);
      if (isOurs(path, patterns)) replace(path, Buffer.from(base64, 'base64'));
    }
  const files = patterns
    .flatMap((pattern) => globSync(pattern))
    .map((path) => ({ path: nameOf(path), base64: readFileSync(path).toString('base64') }));
  const extent = files.reduce((sum, { base64 }) => sum + Math.floor((base64.length * 3) / 4), 0);
  return job.job === 'read' ? { extent, files } : { extent };
}
/** What travels names its folder, `{data}/…`: another model is another pool, with folders of its own (CT-5). */
function nameOf(path: string): string {
  const [name, folder] = Object.entries(job.folders).find(([, each]) => path.startsWith(`${each}/`)) ?? [];
  return name === undefined || folder === undefined ? path : `{${name}}${path.slice(folder.length)}`;
}
function pathOf(named: string): string {
  return named.replace(/^\{(\w+)\}/, (whole, name: string) => job.folders[name] ?? whole);
}
function isOurs(path: string, patterns: string[]): boolean {
  return patterns.some((pattern) =>
    new RegExp(`^${pattern.replaceAll(/[.+?^$(){}|[\]\\]/g, String.raw`\$&`).replaceAll('*', '[^/]*')}$`).test(path),
  );
}
function replace(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, bytes, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
