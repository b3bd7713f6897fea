/**
 * `imports`: one row an import that changed something. `imported_lines`: the line that a bead came as, byte for byte, so that the export gives back also what the
 * town has no use for; `updated_at` is what the bead's own was when the line was taken; `untaken` names the dependencies of the line (by their place) that were not taken.
 */
export const EXCHANGE_TABLES = [
  `CREATE TABLE imports (id TEXT PRIMARY KEY, at INTEGER NOT NULL, rig_id TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE TABLE imported_lines (
    bead_id TEXT PRIMARY KEY, import_id TEXT NOT NULL, line TEXT NOT NULL, updated_at INTEGER NOT NULL, untaken TEXT NOT NULL
  ) STRICT`,
  `CREATE INDEX imported_lines_import ON imported_lines (import_id)`,
];

/**
 * The quarantine of imports: lines that could not be taken, until a person lets them go or they come mended. `print` says what is the same line: the bead that it
 * names, else its text; `mark` is the hash of the text as it came, of which `text` is a beginning to be read. Bounded by `LIMITS.badLines`.
 */
export const EXCHANGE_BAD_LINES = [
  `CREATE TABLE bad_lines (
    seq INTEGER PRIMARY KEY, rig_id TEXT NOT NULL, print TEXT NOT NULL, import_id TEXT NOT NULL, line INTEGER NOT NULL, bead_id TEXT, field TEXT NOT NULL,
    why TEXT NOT NULL, mark TEXT NOT NULL, text TEXT NOT NULL, cut INTEGER NOT NULL, at INTEGER NOT NULL
  ) STRICT`,
  `CREATE UNIQUE INDEX bad_lines_print ON bad_lines (rig_id, print)`,
  `CREATE UNIQUE INDEX bad_lines_import ON bad_lines (import_id, line)`,
];
