import { needsOf, type Rows } from '@gastown/protocol/needs';
import type { RowOf, TableName } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { replica, story } from '../testing.ts';
import { bring, HEADER, quiet } from '../testing/bring.ts';

/** What a page counts, which is kept up to date by frames. */
function page(town: Parameters<ReturnType<typeof replica>['pull']>[0]) {
  const browser = replica();
  return () => {
    browser.pull(town);
    const all = browser.rows();
    const rows: Rows = {
      rows: <T extends TableName>(table: T) => new Map((all[table] as RowOf<T>[]).map((row) => [row.id, row])),
    };
    return needsOf(rows).map(({ title }) => title);
  };
}

describe('what waits for a person', () => {
  test('is counted by the doctor as Attention counts it, what holds the most first (I8)', () => {
    const one = story();
    const attention = page(one.town);
    const agreed = () => {
      const titles = attention();
      expect(one.town.town.audit(one.town.now).needs).toEqual({ total: titles.length, first: titles.slice(0, 5) });
      return titles;
    };
    expect(agreed()).toEqual([]);
    one.town.must({ kind: 'town.stop' });
    for (const title of ['a', 'b', 'c', 'd', 'e', 'f'])
      one.town.must({ kind: 'convoy.create', title, tasks: [{ title: `${title} 1`, rigId: one.rigId }], staged: true });
    expect(agreed()).toHaveLength(7);
    expect(agreed()[0]).toBe('The town is stopped');
  });

  test('lines that an import could not take are one need of their rig, on every open page, until they are let go (issue, Build 6)', () => {
    const one = quiet();
    const attention = page(one.town);
    expect(attention()).toEqual([]);
    const { importId } = bring(one, ['no bead', 'nor this', HEADER]);
    expect(attention()).toEqual(['2 lines of a file could not be taken into app']);
    expect(one.town.town.audit(one.town.now).needs?.total).toBe(1);
    one.town.must({ kind: 'import.discard', importId: importId!, lines: [1] });
    expect(attention()).toEqual(['1 line of a file could not be taken into app']);
    one.town.must({ kind: 'import.discard', rigId: one.rigId });
    expect(attention()).toEqual([]);
  });
});
