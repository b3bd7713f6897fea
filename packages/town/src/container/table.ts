/** `due_at`: until when a start or stop must show, or when a failed start is tried again. `failures`: starts in a row that failed. */
export const CONTAINER_TABLE = [
  `CREATE TABLE container (id INTEGER PRIMARY KEY, state TEXT NOT NULL, since INTEGER NOT NULL, failure TEXT, failures INTEGER NOT NULL, due_at INTEGER) STRICT`,
  `INSERT INTO container (id, state, since, failure, failures, due_at) VALUES (1, 'stopped', 0, NULL, 0, NULL)`,
];
/** `idle_since`: it runs, and since then there was nothing to do for its runner. */
export const CONTAINER_IDLE = [`ALTER TABLE container ADD COLUMN idle_since INTEGER`];
/** `down`: its runner is down without anybody wanting it: since when, after what (CT-18). NULL: it is not, or a version wrote the row that did not know. */
export const CONTAINER_DOWN = [`ALTER TABLE container ADD COLUMN down TEXT`];
/** `reason`: why it was stopped last (CT-7); `restarts`: when wedged runners were restarted within the window. */
export const CONTAINER_RESTARTS = [
  `ALTER TABLE container ADD COLUMN reason TEXT`,
  `ALTER TABLE container ADD COLUMN restarts TEXT NOT NULL DEFAULT '[]'`,
];
