import directory from '../../migrations/0001_directory.sql';

/** The directory's migrations, kept in `d1_migrations` as `wrangler d1 migrations apply` does: a deployment and the launcher agree on what was applied. */
const MIGRATIONS = [{ name: '0001_directory.sql', sql: directory }];

export async function migrateDirectory(db: D1Database): Promise<void> {
  await db
    .prepare('CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)')
    .run();
  const { results } = await db.prepare('SELECT name FROM d1_migrations').all<{ name: string }>();
  const applied = new Set(results.map(({ name }) => name));
  for (const { name, sql } of MIGRATIONS.filter((migration) => !applied.has(migration.name))) {
    const statements = statementsOf(sql).map((statement) => db.prepare(statement));
    await db.batch([...statements, db.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name)]);
  }
}

const statementsOf = (sql: string): string[] =>
  sql
    .replace(/^\s*--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter(Boolean);
