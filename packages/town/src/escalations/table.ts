export const ESCALATIONS_TABLE = [
  `CREATE TABLE escalations (
    id TEXT PRIMARY KEY, bead_id TEXT, rig_id TEXT, agent_id TEXT, severity TEXT NOT NULL, category TEXT NOT NULL, message TEXT NOT NULL,
    metadata TEXT NOT NULL, created_at INTEGER NOT NULL, acknowledged_at INTEGER, acknowledged_by TEXT, note TEXT, closed_at INTEGER
  ) STRICT`,
  `CREATE INDEX escalations_open ON escalations (bead_id, category) WHERE closed_at IS NULL`,
];
