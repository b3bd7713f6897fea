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
/**
 * `begun_at`: its session is open; `timeout_ms` counts from then (ST-12). `prods`: steps taken against its present silence, `prodded_at` when the last
 * was, or with none of them when it was seen to be silent; activity after that makes them count no more. `runs_failed`: evidence of crash loops, an entry only for what failed.
 */
export const RUNS_WATCHED = [
  `ALTER TABLE runs ADD COLUMN begun_at INTEGER`,
  `ALTER TABLE runs ADD COLUMN timeout_ms INTEGER`,
  `ALTER TABLE runs ADD COLUMN prods INTEGER NOT NULL DEFAULT 0`,
  `ALTER TABLE runs ADD COLUMN prodded_at INTEGER`,
  `CREATE INDEX runs_failed ON runs (agent_id, ended_at) WHERE end_reason = 'failed'`,
  `ALTER TABLE breaker ADD COLUMN recent TEXT NOT NULL DEFAULT '[]'`,
  `ALTER TABLE breaker ADD COLUMN failure TEXT`,
];
/**
 * `trouble`: what the model door saw of the provider in this turn, the best witness of why a turn breaks. `provider`: the model in use is not asked for a
 * while, and how often that was so in a row.
 */
export const RUNS_PROVIDER = [`ALTER TABLE runs ADD COLUMN trouble TEXT`, `ALTER TABLE breaker ADD COLUMN provider TEXT`];
/** Where it is: a runner keeps what was begun on it. */
export const RUNS_PLACED = [`ALTER TABLE runs ADD COLUMN runner_id TEXT NOT NULL DEFAULT 'home'`];
/** How often it was warned for its silence, whatever it did between: it is warned a bounded number of times (I8). */
export const RUNS_WARNED = [`ALTER TABLE runs ADD COLUMN warnings INTEGER NOT NULL DEFAULT 0`];
/** Since when it waits for a person: that time is not the bead's, `timeout_ms` grows by it. */
export const RUNS_ASKING = [`ALTER TABLE runs ADD COLUMN asks_since INTEGER`];
/** What its session is asked with, effort included: a setting that changes counts from the next session on (CT-5). Null: it began before there was a choice. */
export const RUNS_MODEL_CONFIG = [`ALTER TABLE runs ADD COLUMN model_config TEXT`];
