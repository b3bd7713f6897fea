/** One row for each run, bead, agent, rig and the town: what its model calls used so far. */
export const SPEND_TABLE = [
  `CREATE TABLE spend (
    kind TEXT NOT NULL, id TEXT NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL, cost_micros INTEGER NOT NULL, PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID`,
];
