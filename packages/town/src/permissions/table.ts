/**
 * What agents ask a person for. Open: `answered_at` is null. A question belongs to one turn of a live run; `decision` null with `answered_at`: it was
 * withdrawn. `request_id` is the runner's name for it, once for each run.
 */
export const PERMISSIONS_TABLE = [
  `CREATE TABLE permissions (
    id TEXT PRIMARY KEY, run_id TEXT NOT NULL, request_id TEXT NOT NULL, agent_id TEXT NOT NULL, bead_id TEXT, rig_id TEXT, category TEXT NOT NULL,
    title TEXT NOT NULL, detail TEXT NOT NULL, asked_at INTEGER NOT NULL, until INTEGER NOT NULL, answered_at INTEGER, answered_by TEXT, decision TEXT,
    reason TEXT
  ) STRICT`,
  `CREATE UNIQUE INDEX permissions_request ON permissions (run_id, request_id)`,
  `CREATE INDEX permissions_open ON permissions (until) WHERE answered_at IS NULL`,
];
