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
