import { ServerFrame, TABLE_NAMES, type Tables } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, story, testTown, type TestTown } from '../testing.ts';

/** What a browser does with frames. */
function replica() {
  let rev = -1;
  const tables = new Map<string, Map<string | number, unknown>>();
  return {
    pull(town: TestTown) {
      const frame = ServerFrame.parse(rev < 0 ? town.town.snapshot() : town.town.since(rev));
      if (frame.t === 'snapshot') tables.clear();
      for (const name of TABLE_NAMES) {
        const rows = tables.get(name) ?? new Map<string | number, unknown>();
        tables.set(name, rows);
        for (const row of frame.put[name] ?? []) rows.set(row.id, row);
        if (frame.t === 'delta') for (const id of frame.drop[name] ?? []) rows.delete(id);
      }
      rev = frame.rev;
      return frame;
    },
    rows: () => sorted(Object.fromEntries([...tables].map(([name, rows]) => [name, [...rows.values()]])) as Tables),
  };
}
const sorted = (tables: Tables) =>
  Object.fromEntries(TABLE_NAMES.map((name) => [name, tables[name].toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1))]));

describe('the replica', () => {
  test('after any change the rows since the last revision make the same town as a snapshot (I17)', () => {
    let fails = 2;
    const { town, runner, wish, addRig } = story({ 'merge.land': () => (fails-- > 0 ? bad('target_moved') : bad('push_refused')) });
    const browser = replica();
    const same = () => {
      browser.pull(town);
      expect(browser.rows()).toEqual(sorted(town.rows()));
    };
    const perform = () => {
      for (let due = town.take(); due.length > 0; due = town.take()) for (const one of due) (runner.perform(one), same());
    };
    same();
    const first = wish('one');
    const second = wish('two', { dependsOn: [first] });
    wish('three', { rigId: addRig('lib') });
    town.must({ kind: 'mayor.tell', text: 'hello' });
    same();
    perform();
    for (const command of [
      { kind: 'town.pause' },
      { kind: 'bead.set_status', beadId: first, status: 'failed' },
      { kind: 'bead.retry', beadId: first },
      { kind: 'town.configure', budgetMicros: 0 },
      { kind: 'town.resume' },
      { kind: 'town.configure', budgetMicros: null },
      { kind: 'bead.remove_dependency', beadId: second, dependsOn: first },
    ] as const) {
      town.must(command);
      same();
      perform();
    }
    town.sleep(3_600_000, () => (perform(), same()));
    same();
  });

  test('frames match the wire schema, and a far or foreign revision gets a snapshot', () => {
    const { town } = story();
    expect(town.town.since(town.town.rev())).toMatchObject({ t: 'delta', put: {}, drop: {} });
    expect(town.town.since(town.town.rev() + 5).t).toBe('snapshot');
    expect(town.town.since(0).t).toBe('delta');
    for (let n = 0; n < 1_300; n += 1) town.must({ kind: 'town.rename', name: `n${n}` });
    expect(town.town.since(3).t).toBe('snapshot');
    expect(town.town.since(town.town.rev() - 900).t).toBe('delta');
    expect(town.sql.all('SELECT count(*) AS n FROM changes')[0]?.n).toBeLessThanOrEqual(1_024 + 128);
  });

  test('a command that changes nothing makes no revision', () => {
    const { town } = story();
    const rev = town.town.rev();
    town.send({ kind: 'wake' });
    town.send({ kind: 'runner.gone', instance: 'unknown' });
    expect(town.town.rev()).toBe(rev);
  });

  test('a store that a newer version wrote is refused (DM-18)', () => {
    const { sql } = testTown();
    sql.run('INSERT INTO schema_version (version) VALUES (99)');
    expect(() => testTown({ store: sql, create: null })).toThrow(/version 99/);
  });

  test('opening the same store again changes nothing', () => {
    const first = story();
    first.wish('x');
    const before = first.town.rows();
    expect(testTown({ store: first.town.sql, create: null }).rows()).toEqual(before);
  });
});
