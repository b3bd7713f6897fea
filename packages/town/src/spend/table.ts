/** One row for each run, bead, agent, rig and the town: what its model calls used so far. */
export const SPEND_TABLE = [
  `CREATE TABLE spend (
    kind TEXT NOT NULL, id TEXT NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL, cost_micros INTEGER NOT NULL, PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID`,
];

/** What may be spent, at each level. The budget that a town had becomes its hard limit. `id` is `*` for each of the level. */
export const SPEND_LIMITS = [
  `CREATE TABLE spend_limits (
    level TEXT NOT NULL, id TEXT NOT NULL, soft_micros INTEGER, hard_micros INTEGER, PRIMARY KEY (level, id)
  ) STRICT, WITHOUT ROWID`,
  `INSERT INTO spend_limits (level, id, hard_micros) SELECT 'town', id, budget_micros FROM town WHERE budget_micros IS NOT NULL`,
];

/**
 * What was spent in which minute (minutes since 1970). Minute 0 holds what is too old to be kept apart, so that the sums are those of `spend` for ever
 * (MT-7). An empty rig or agent: it belonged to none.
 */
export const SPEND_MINUTES = [
  `CREATE TABLE spend_minutes (
    minute INTEGER NOT NULL, rig TEXT NOT NULL, agent TEXT NOT NULL, model TEXT NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL, cost_micros INTEGER NOT NULL, PRIMARY KEY (minute, rig, agent, model)
  ) STRICT, WITHOUT ROWID`,
  `INSERT INTO spend_minutes (minute, rig, agent, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_micros)
   SELECT 0, coalesce(a.rig_id, ''), s.id, '', s.input_tokens, s.output_tokens, s.cache_read_tokens, s.cache_write_tokens, s.cost_micros
   FROM spend s LEFT JOIN agents a ON a.id = s.id WHERE s.kind = 'agent'`,
];
