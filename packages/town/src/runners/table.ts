/**
 * Where work can be done: the container's runner, always there, and machines. `rigs`: JSON list of the rigs that it takes, NULL for every rig that no runner lists.
 * `places`: most polecats at once, NULL for as many as the town may have. `token_serial`: which token is good; 0 needs none. `standing`: whether it took new work
 * when somebody looked last, so that who waits hears when that changes.
 */
export const RUNNERS_TABLE = [
  `CREATE TABLE runners (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, rigs TEXT, places INTEGER, paused INTEGER NOT NULL DEFAULT 0,
    token_serial INTEGER NOT NULL, created_at INTEGER NOT NULL, standing TEXT NOT NULL DEFAULT 'ready'
  ) STRICT, WITHOUT ROWID`,
  `INSERT INTO runners (id, name, kind, token_serial, created_at) VALUES ('home', 'Container', 'container', 0, 0)`,
];
