export const LEDGER_TABLE = [
  `CREATE TABLE bead_events (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, bead_id TEXT, agent_id TEXT, actor TEXT NOT NULL, actor_kind TEXT NOT NULL,
    cause TEXT NOT NULL, before TEXT, after TEXT, data TEXT NOT NULL
  ) STRICT`,
];
