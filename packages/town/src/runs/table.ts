/** The two unique indexes are invariant I2 in the schema: one live run a bead, one live run an agent. */
export const RUNS_TABLES = [
  `CREATE TABLE runs (
    id TEXT PRIMARY KEY, agent_id TEXT NOT NULL, bead_id TEXT, rig_id TEXT, generation INTEGER NOT NULL, attempt INTEGER NOT NULL,
    state TEXT NOT NULL, end_reason TEXT, failure TEXT, model TEXT, agent_kind TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER,
    lease_until INTEGER, last_activity_at INTEGER, status_line TEXT, session_id TEXT, instance TEXT, nudge_id TEXT,
    reminders INTEGER NOT NULL DEFAULT 0, branch TEXT, head_commit TEXT, commits TEXT NOT NULL DEFAULT '[]', summary TEXT, done_at INTEGER
  ) STRICT`,
  `CREATE UNIQUE INDEX runs_live ON runs (agent_id) WHERE state <> 'ended'`,
  `CREATE UNIQUE INDEX runs_live_bead ON runs (bead_id) WHERE state <> 'ended' AND bead_id IS NOT NULL`,
  `CREATE INDEX runs_agent ON runs (agent_id, generation)`,
  `CREATE INDEX runs_bead ON runs (bead_id, generation) WHERE bead_id IS NOT NULL`,
  `CREATE INDEX runs_session ON runs (session_id) WHERE session_id IS NOT NULL`,
  `CREATE TABLE breaker (id INTEGER PRIMARY KEY, failures INTEGER NOT NULL, holds INTEGER NOT NULL, hold_until INTEGER) STRICT`,
  `INSERT INTO breaker (id, failures, holds, hold_until) VALUES (1, 0, 0, NULL)`,
];
