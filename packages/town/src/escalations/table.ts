export const ESCALATIONS_TABLE = [
  `CREATE TABLE escalations (
    id TEXT PRIMARY KEY, bead_id TEXT, rig_id TEXT, agent_id TEXT, severity TEXT NOT NULL, category TEXT NOT NULL, message TEXT NOT NULL,
    metadata TEXT NOT NULL, created_at INTEGER NOT NULL, acknowledged_at INTEGER, acknowledged_by TEXT, note TEXT, closed_at INTEGER
  ) STRICT`,
  `CREATE INDEX escalations_open ON escalations (bead_id, category) WHERE closed_at IS NULL`,
];
/** `topic`: what of the town an alert watches (PT-13). `raised_at`: when its severity was last raised (ES-5). */
export const ESCALATIONS_RAISED = [
  `ALTER TABLE escalations ADD COLUMN topic TEXT`,
  `ALTER TABLE escalations ADD COLUMN raises INTEGER NOT NULL DEFAULT 0`,
  `ALTER TABLE escalations ADD COLUMN raised_at INTEGER`,
];
