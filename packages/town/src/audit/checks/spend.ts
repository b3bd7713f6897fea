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
