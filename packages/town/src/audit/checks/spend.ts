import { int, text } from '../../sql.ts';
import { finding, type Check } from './check.ts';

/** I9, I18: what a call cost is booked once on everything that it belongs to: a bead has spent what its runs have. */
const UNEQUAL = `
  SELECT s.id, s.cost_micros AS said, coalesce(sum(p.cost_micros), 0) AS sum
  FROM spend s JOIN runs r ON r.bead_id = s.id LEFT JOIN spend p ON p.kind = 'run' AND p.id = r.id
  WHERE s.kind = 'bead' GROUP BY s.id HAVING s.cost_micros <> coalesce(sum(p.cost_micros), 0)`;

export const spendCheck: Check = {
  tables: ['spend'],
  open: () => (sql) =>
    sql.all(UNEQUAL).map((row) => finding('I9', `${text(row, 'id')} has spent ${int(row, 'said')} and its runs ${int(row, 'sum')}`)),
};

/** MT-7: what was spent by minute is, in sum, what was spent: by the town, each rig and each agent. */
const SUMS = 'sum(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens) AS tokens, sum(cost_micros) AS micros';
const APART = `
  SELECT s.kind, s.id, s.cost_micros AS said, coalesce(m.micros, 0) AS sum
  FROM spend s LEFT JOIN (
    SELECT 'rig' AS kind, rig AS id, ${SUMS} FROM spend_minutes GROUP BY rig
    UNION ALL SELECT 'agent', agent, ${SUMS} FROM spend_minutes GROUP BY agent
    UNION ALL SELECT 'town', t.id, m.tokens, m.micros FROM town t, (SELECT ${SUMS} FROM spend_minutes) m
  ) m ON m.kind = s.kind AND m.id = s.id
  WHERE s.kind IN ('rig', 'agent', 'town')
    AND (s.cost_micros <> coalesce(m.micros, 0)
      OR s.input_tokens + s.output_tokens + s.cache_read_tokens + s.cache_write_tokens <> coalesce(m.tokens, 0))`;

export const minutesCheck: Check = {
  tables: ['spend', 'spend_minutes'],
  open: () => (sql) =>
    sql
      .all(APART)
      .map((row) =>
        finding(
          'MT-7',
          `${text(row, 'kind')} ${text(row, 'id')} has spent ${int(row, 'said')}, by minute ${int(row, 'sum')} (or other tokens)`,
        ),
      ),
};
