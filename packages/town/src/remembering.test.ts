import { describe, expect, test } from 'vitest';
import { remembering } from './remembering.ts';
import { countingSql, memorySql } from './testing.ts';

function store() {
  const counted = countingSql(memorySql());
  counted.run('CREATE TABLE sheep (id INTEGER PRIMARY KEY, name TEXT)');
  counted.run('CREATE TABLE goats (id INTEGER PRIMARY KEY, sheep_id INTEGER)');
  counted.run(`INSERT INTO sheep (id, name) VALUES (1, 'Ada')`);
  return { counted, sql: remembering(counted) };
}
const SHEEP = 'SELECT name FROM sheep WHERE id = ?';

describe('what a transaction has read', () => {
  test('is asked of the store once', () => {
    const { sql, counted } = store();
    const cost = counted.measure(() => {
      expect(sql.all(SHEEP, 1)).toEqual(sql.all(SHEEP, 1));
      expect(sql.all(SHEEP, 2)).toEqual([]);
    });
    expect(cost.statements).toBe(2);
  });
  test('is asked again after a write to its table, to any table of a join, and not after a write elsewhere', () => {
    const { sql, counted } = store();
    const join = 'SELECT s.name FROM sheep s JOIN goats g ON g.sheep_id = s.id';
    expect([sql.all(SHEEP, 1), sql.all(join)]).toEqual([[{ name: 'Ada' }], []]);
    sql.run('INSERT INTO goats (id, sheep_id) VALUES (7, 1)');
    expect(counted.measure(() => sql.all(SHEEP, 1)).statements).toBe(0);
    expect(sql.all(join)).toEqual([{ name: 'Ada' }]);
    sql.run('UPDATE sheep SET name = ? WHERE id = 1', 'Bea');
    expect([sql.all(SHEEP, 1), sql.all(join)]).toEqual([[{ name: 'Bea' }], [{ name: 'Bea' }]]);
    sql.run('DELETE FROM sheep WHERE id = 1');
    expect(sql.all(SHEEP, 1)).toEqual([]);
    sql.run(`INSERT OR IGNORE INTO sheep (id, name) VALUES (1, 'Cleo')`);
    expect(sql.all(SHEEP, 1)).toEqual([{ name: 'Cleo' }]);
  });
  test('tells null from a text that says null', () => {
    const { sql } = store();
    expect(sql.all('SELECT ? IS NULL AS yes', null)).not.toEqual(sql.all('SELECT ? IS NULL AS yes', 'null'));
  });
});
