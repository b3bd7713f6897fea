import { expect, test } from 'vitest';
import { foreignWrites, tablesWritten } from './one-writer.ts';

test('every form of a writing statement is seen (DM-9)', () => {
  expect(
    tablesWritten(
      'INSERT INTO beads VALUES(1); UPDATE runs SET a=1; DELETE FROM merges; INSERT OR REPLACE INTO config(k) VALUES(?) ON CONFLICT DO UPDATE SET v=1',
    ),
  ).toEqual(['beads', 'runs', 'merges', 'config']);
});

test('a statement outside the owner is named with its file (DM-9)', () => {
  const owners = new Map([['beads', 'beads']]);
  expect(foreignWrites([{ table: 'beads', slice: 'runs', file: 'runs/store.ts' }], owners)).toEqual([
    'runs/store.ts writes beads, which belongs to beads',
  ]);
  expect(foreignWrites([{ table: 'beads', slice: 'beads', file: 'beads/store.ts' }], owners)).toEqual([]);
});
