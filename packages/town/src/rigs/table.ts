export const RIGS_TABLE = [
  `CREATE TABLE rigs (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, git_url TEXT NOT NULL, created_at INTEGER NOT NULL, default_branch TEXT, empty INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL, failure TEXT, token_sealed TEXT, gates TEXT NOT NULL, max_polecats INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
];
/** Nothing new starts in it. */
export const RIGS_PAUSE = [`ALTER TABLE rigs ADD COLUMN paused INTEGER NOT NULL DEFAULT 0`];
/** What agents may do here, where that differs from the town. */
export const RIGS_PERMISSIONS = [`ALTER TABLE rigs ADD COLUMN permissions TEXT NOT NULL DEFAULT '{}'`];
/** Since when it cannot be used; null: it can, or was never looked at. And when it is looked at again by itself; null: only when a person wants it. */
export const RIGS_FAILING = [`ALTER TABLE rigs ADD COLUMN failing_since INTEGER`, `ALTER TABLE rigs ADD COLUMN looks_again_at INTEGER`];
/** Instead of the town's (AG-22); null: as the town says. */
export const RIGS_SETUP = [`ALTER TABLE rigs ADD COLUMN setup TEXT`];
/** Instead of the town's (QG-1); `null`: as the town says, which a rig without gates never refused. */
export const RIGS_GATES = [`UPDATE rigs SET gates = 'null' WHERE gates = '[]'`];
