import { expect, test } from 'vitest';
import { checkInvariants } from '../invariants.ts';
import { story } from '../testing.ts';
import { overspentCheck } from './check.ts';

/** So many open beads with the longest ids there may be that all of these are no parameter of the platform: as copies of one. */
const MANY = 32_000;
const COPIES = `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${MANY})`;
const LONG = `printf('bd-%061d', n)`;

function crowded() {
  const one = story({}, { check: false });
  one.town.must({ kind: 'town.pause' });
  const id = one.wish('one of many');
  for (const [table, key] of [
    ['beads', 'id'],
    ['issues', 'bead_id'],
  ] as const) {
    const columns = one.town.sql.all(`SELECT name FROM pragma_table_info('${table}')`).map(({ name }) => String(name));
    const values = columns.map((name) => (name === key ? LONG : name));
    one.town.sql.run(
      `INSERT INTO ${table} (${columns.join()}) ${COPIES} SELECT ${values.join()} FROM ${table}, numbers WHERE ${table}.${key} = ?`,
      id,
    );
  }
  return one;
}

test('the store of the tests refuses a parameter that the platform would refuse', () => {
  const { sql } = crowded().town;
  const ids = sql.all('SELECT id FROM beads').map(({ id }) => id);
  expect(() => sql.all('SELECT value FROM json_each(?)', JSON.stringify(ids))).toThrow('2 MB');
});

test('a town of many open beads with long ids is looked at in pages, and what keeps a wrong mark is found on each (MT-7)', () => {
  const { town } = crowded();
  town.must({ kind: 'spend.limit', level: 'bead', id: '*', hardMicros: 1_000 });
  /** The copies have no history, which others tell; none of the checkers may break over their number. */
  expect(checkInvariants(town.sql, town.now).filter(({ invariant }) => invariant === 'DM-15')).toEqual([]);
  const look = overspentCheck.open();
  expect(look(town.sql, town.now)).toEqual([]);
  town.sql.run(
    `UPDATE beads SET overspent = 2 WHERE rowid IN (SELECT min(rowid) FROM beads WHERE id LIKE 'bd-%' UNION SELECT max(rowid) FROM beads)`,
  );
  expect(look(town.sql, town.now)).toHaveLength(2);
});
