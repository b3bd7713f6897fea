import { finding, type Check } from '../audit/checks/check.ts';
import type { Sql } from '../api.ts';
import { idPages, int, text } from '../sql.ts';
import { heldByMoney } from './rule.ts';

/** MT-7: what the limits hold back is kept on write (`beads.overspent`), and is what a look at every limit says. */
export const overspentCheck: Check = {
  tables: ['spend', 'spend_limits', 'beads', 'runs'],
  open: () => (sql) => {
    const kept = startable(sql);
    const held = new Map([...idPages([...kept.keys()])].flatMap((page) => [...heldByMoney(sql, page)]));
    return [...kept].flatMap(([id, overspent]) =>
      overspent === (held.get(id) ?? 0) ? [] : [finding('MT-7', `${id} keeps overspent ${overspent}, its limits say ${held.get(id) ?? 0}`)],
    );
  },
};

const startable = (sql: Sql): Map<string, number> =>
  new Map(
    sql
      .all(`SELECT id, overspent FROM beads WHERE type = 'issue' AND status IN ('open', 'in_progress')`)
      .map((row) => [text(row, 'id'), int(row, 'overspent')]),
  );
