-- Where the pages of a session have opened sockets: in a town, or at one of its agents ('' is the town itself). Of a session that is over, a row is a place whose sockets are still to be closed (WS-17).
CREATE TABLE page_sockets (
  session TEXT NOT NULL,
  town_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  PRIMARY KEY (session, town_id, agent_id)
) STRICT, WITHOUT ROWID;
