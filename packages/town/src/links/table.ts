/** The runner of the town: which process holds the link, whether its socket is open, its last report that is committed. */
export const LINKS_TABLE = [
  `CREATE TABLE links (id INTEGER PRIMARY KEY, instance TEXT, connected INTEGER NOT NULL, seq INTEGER NOT NULL, agent_kinds TEXT NOT NULL) STRICT`,
  `INSERT INTO links (id, instance, connected, seq, agent_kinds) VALUES (1, NULL, 0, 0, '[]')`,
];
/**
 * Of this instance, gone with it: `draining_at`, `drain_until` when it began to end and by when it must have (DR-4); `heard_at` when it last said something, `doubted_at` since
 * when it owes an answer that did not come in time.
 */
export const LINKS_WATCHED = [
  `ALTER TABLE links ADD COLUMN draining_at INTEGER`,
  `ALTER TABLE links ADD COLUMN drain_until INTEGER`,
  `ALTER TABLE links ADD COLUMN heard_at INTEGER`,
  `ALTER TABLE links ADD COLUMN doubted_at INTEGER`,
];
/** Whether agents and tests have users of their own where the runner is; null: it did not say. */
export const LINKS_ISOLATION = [`ALTER TABLE links ADD COLUMN isolation TEXT`];
/**
 * One link for each runner. `since`: when it came, or went. `away_until`: a machine that went may come back until then; NULL when what it held was handed back.
 * `failure`: it is connected and does not answer.
 */
export const LINKS_BY_RUNNER = [
  `CREATE TABLE runner_links (
    runner_id TEXT PRIMARY KEY, instance TEXT, connected INTEGER NOT NULL DEFAULT 0, seq INTEGER NOT NULL DEFAULT 0, agent_kinds TEXT NOT NULL DEFAULT '[]',
    draining_at INTEGER, drain_until INTEGER, heard_at INTEGER, doubted_at INTEGER, isolation TEXT, since INTEGER, away_until INTEGER, failure TEXT
  ) STRICT, WITHOUT ROWID`,
  `INSERT INTO runner_links (runner_id, instance, connected, seq, agent_kinds, draining_at, drain_until, heard_at, doubted_at, isolation)
     SELECT 'home', instance, connected, seq, agent_kinds, draining_at, drain_until, heard_at, doubted_at, isolation FROM links`,
  `DROP TABLE links`,
  `ALTER TABLE runner_links RENAME TO links`,
];
