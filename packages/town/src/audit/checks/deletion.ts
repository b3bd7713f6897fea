import { int, intOrNull, text } from '../../sql.ts';
import { finding, type Check, type Finding } from './check.ts';

/** I14: a deleted town has no live run and no effect but its container's, and nothing happens to its beads any more. */
export const deletionCheck: Check = {
  tables: ['town', 'runs', 'outbox', 'bead_events', 'beads', 'nudges'],
  open() {
    let gone: { at: number; events: number } | null = null;
    return (sql) => {
      const at = intOrNull(sql.all('SELECT max(deleted_at) AS at FROM town')[0] ?? { at: null }, 'at');
      if (at === null) return gone === null ? [] : [finding('I14', 'the town was deleted and is back')];
      const events = int(sql.all('SELECT count(*) AS n FROM bead_events WHERE bead_id IS NOT NULL')[0] ?? { n: 0 }, 'n');
      const found: Finding[] = [];
      if (gone !== null && (gone.at !== at || gone.events !== events)) found.push(finding('I14', 'something happened in a deleted town'));
      gone ??= { at, events };
      for (const run of sql.all(`SELECT id FROM runs WHERE state <> 'ended'`))
        found.push(finding('I14', `${text(run, 'id')} lives in a deleted town`));
      for (const effect of sql.all(`SELECT id, kind FROM outbox WHERE target <> 'container'`))
        found.push(finding('I14', `a deleted town still wants ${text(effect, 'kind')}`));
      return found;
    };
  },
};
