/** `place`: order in the queue of its lane (rig and target branch); null once landed or failed. */
export const MERGES_TABLE = [
  `CREATE TABLE merges (
    id TEXT PRIMARY KEY, bead_id TEXT NOT NULL, rig_id TEXT NOT NULL, run_id TEXT NOT NULL, agent_id TEXT NOT NULL, branch TEXT NOT NULL,
    target_branch TEXT NOT NULL, lane TEXT NOT NULL, place INTEGER, head_commit TEXT NOT NULL, phase TEXT NOT NULL, builds INTEGER NOT NULL DEFAULT 0,
    base_commit TEXT, merge_commit TEXT, gates TEXT NOT NULL DEFAULT '[]', failure TEXT,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, landed_at INTEGER
  ) STRICT`,
  `CREATE INDEX merges_queue ON merges (lane, place) WHERE place IS NOT NULL`,
  `CREATE INDEX merges_bead ON merges (bead_id)`,
];
/** Where it is tested and landed, and its branch deleted; NULL while it waits in line. */
export const MERGES_PLACED = [
  `ALTER TABLE merges ADD COLUMN runner_id TEXT`,
  `UPDATE merges SET runner_id = 'home' WHERE phase IN ('testing', 'landing', 'landed')`,
];
