/** Input over which the town broke. One row for what is the same; the newest are kept. */
export const QUARANTINE_TABLE = [
  `CREATE TABLE quarantine (
    id TEXT PRIMARY KEY, source TEXT NOT NULL, kind TEXT NOT NULL, print TEXT NOT NULL, actor TEXT NOT NULL, input TEXT NOT NULL, kept TEXT NOT NULL,
    error TEXT NOT NULL, tries INTEGER NOT NULL, times INTEGER NOT NULL, first_at INTEGER NOT NULL, at INTEGER NOT NULL
  ) STRICT`,
  'CREATE UNIQUE INDEX quarantine_print ON quarantine (print)',
];
