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
