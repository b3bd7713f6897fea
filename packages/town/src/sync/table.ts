/**
 * `changes`: one row for each transaction that a replica can see; its number is the revision, `ids` the replica rows that changed (null: too many to
 * list, a replica older than this takes a snapshot). `keys`: the answers of commands that carried an idempotency key.
 */
export const SYNC_TABLES = [
  `CREATE TABLE changes (rev INTEGER PRIMARY KEY, at INTEGER NOT NULL, ids TEXT) STRICT`,
  `CREATE TABLE keys (key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, result TEXT NOT NULL, at INTEGER NOT NULL) STRICT`,
];
