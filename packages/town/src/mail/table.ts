/**
 * Messages that stay until they are read (MS-1). `carried_by`: the run whose start took it along. `nudge_id`: the message into the session that brings
 * it. `delivered_at`: read, by either way or by `gt_mail_check`.
 */
export const MAIL_TABLE = [
  `CREATE TABLE mail (
    id TEXT PRIMARY KEY, sender TEXT NOT NULL, sender_id TEXT, agent_id TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
    created_at INTEGER NOT NULL, carried_by TEXT, nudge_id TEXT, delivered_at INTEGER
  ) STRICT`,
  `CREATE INDEX mail_unread ON mail (agent_id) WHERE delivered_at IS NULL`,
];
