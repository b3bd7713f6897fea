/** The runner of the town: which process holds the link, whether its socket is open, its last report that is committed. */
export const LINKS_TABLE = [
  `CREATE TABLE links (id INTEGER PRIMARY KEY, instance TEXT, connected INTEGER NOT NULL, seq INTEGER NOT NULL, agent_kinds TEXT NOT NULL) STRICT`,
  `INSERT INTO links (id, instance, connected, seq, agent_kinds) VALUES (1, NULL, 0, 0, '[]')`,
];
