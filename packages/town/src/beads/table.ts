/**
 * `rank`: 0 critical … 3 low. `blockers`: dependencies of type `blocks` that are not closed, kept on write, so that ready work is an index
 * that costs what it returns (RC-12, RC-13). `retry_at`: not before this time; cleared when it comes.
 */
export const BEADS_TABLES = [
  `CREATE TABLE beads (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, status TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, rig_id TEXT, parent_id TEXT,
    assignee_id TEXT, rank INTEGER NOT NULL, labels TEXT NOT NULL, metadata TEXT NOT NULL, created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, closed_at INTEGER, archived_at INTEGER,
    blockers INTEGER NOT NULL DEFAULT 0, retry_at INTEGER
  ) STRICT`,
  `CREATE INDEX beads_ready ON beads (rig_id, rank, created_at)
    WHERE type = 'issue' AND status = 'open' AND blockers = 0 AND retry_at IS NULL AND archived_at IS NULL`,
  `CREATE INDEX beads_unfinished ON beads (rig_id, title) WHERE type = 'issue' AND closed_at IS NULL`,
  `CREATE INDEX beads_retry ON beads (retry_at) WHERE retry_at IS NOT NULL`,
  `CREATE TABLE issues (
    bead_id TEXT PRIMARY KEY, branch TEXT, attempts INTEGER NOT NULL DEFAULT 0, starts INTEGER NOT NULL DEFAULT 0, failure TEXT
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE dependencies (
    bead_id TEXT NOT NULL, depends_on TEXT NOT NULL, type TEXT NOT NULL, PRIMARY KEY (bead_id, depends_on, type)
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX dependencies_back ON dependencies (depends_on, type, bead_id)`,
];
