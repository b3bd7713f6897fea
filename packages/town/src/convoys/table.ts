/**
 * The satellite of a `convoy` bead, whose title and author are the bead's. `total`, `closed`, `failed` count its beads and are kept on write (CV-3, I11);
 * `next_place` is the place of the bead that is added next, so that places keep their order when beads are taken out.
 */
export const CONVOYS_TABLE = [
  `CREATE TABLE convoys (
    id TEXT PRIMARY KEY, status TEXT NOT NULL, merge_mode TEXT NOT NULL, paused INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL, landed_at INTEGER,
    total INTEGER NOT NULL DEFAULT 0, closed INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, next_place INTEGER NOT NULL DEFAULT 0
  ) STRICT`,
  `CREATE INDEX convoys_live ON convoys (created_at) WHERE status IN ('staged', 'open')`,
];
