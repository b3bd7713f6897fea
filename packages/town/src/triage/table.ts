/** What a patrol asks about (ES-7): one open request for each kind and subject (an agent or a bead), answered once. `action` null: it settled itself. */
export const TRIAGE_TABLE = [
  `CREATE TABLE triage (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, agent_id TEXT NOT NULL, bead_id TEXT, rig_id TEXT, message TEXT NOT NULL,
    evidence TEXT NOT NULL, created_at INTEGER NOT NULL, resolved_at INTEGER, resolved_by TEXT, action TEXT, notes TEXT
  ) STRICT`,
  `CREATE UNIQUE INDEX triage_open ON triage (kind, subject) WHERE resolved_at IS NULL`,
  `CREATE INDEX triage_subject ON triage (subject, kind, resolved_at)`,
];
