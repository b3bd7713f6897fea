export const MESSAGES_TABLES = [
  `CREATE TABLE nudges (
    id TEXT PRIMARY KEY, agent_id TEXT NOT NULL, text TEXT NOT NULL, mode TEXT NOT NULL, source TEXT NOT NULL, state TEXT NOT NULL,
    again INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL, expires_at INTEGER, delivered_at INTEGER
  ) STRICT`,
  `CREATE INDEX nudges_open ON nudges (agent_id) WHERE state IN ('pending', 'sent')`,
  `CREATE INDEX nudges_expiry ON nudges (expires_at) WHERE state = 'pending' AND expires_at IS NOT NULL`,
  `CREATE TABLE checkpoints (owner TEXT PRIMARY KEY, data TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
];
