/** What an agent does now is its live run (runs slice); here is who it is. `failures`, `retry_at`: the Mayor's starts that failed in a row. */
export const AGENTS_TABLE = [
  `CREATE TABLE agents (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, identity TEXT NOT NULL, rig_id TEXT, created_at INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0, retry_at INTEGER
  ) STRICT, WITHOUT ROWID`,
  `CREATE UNIQUE INDEX agents_name ON agents (name)`,
];
/** Retired agents stay for their history; their names are free. */
export const AGENTS_RETIRED = [
  `ALTER TABLE agents ADD COLUMN retired_at INTEGER`,
  `DROP INDEX agents_name`,
  `CREATE UNIQUE INDEX agents_name ON agents (name) WHERE retired_at IS NULL`,
];
/** Nothing new starts with it. */
export const AGENTS_PAUSE = [`ALTER TABLE agents ADD COLUMN paused INTEGER NOT NULL DEFAULT 0`];
