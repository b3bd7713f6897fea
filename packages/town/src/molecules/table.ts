/** A written way of working on one bead: its steps in their order, each with what it needs first. */
export const MOLECULES_TABLES = [
  `CREATE TABLE molecules (
    id TEXT PRIMARY KEY, bead_id TEXT NOT NULL, title TEXT NOT NULL, created_at INTEGER NOT NULL, closed_at INTEGER
  ) STRICT`,
  `CREATE UNIQUE INDEX molecules_open ON molecules (bead_id) WHERE closed_at IS NULL`,
  `CREATE TABLE steps (
    molecule_id TEXT NOT NULL, place INTEGER NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, needs TEXT NOT NULL,
    summary TEXT, done_at INTEGER, PRIMARY KEY (molecule_id, place)
  ) STRICT, WITHOUT ROWID`,
];
