import { checkInvariants } from '@gastown/town/invariants';
import { memorySql } from '@gastown/town/testing';
import { expect, test } from 'vitest';
import { BEGAN, filled, type Shape } from './filled.ts';

const SHAPES: readonly Shape[] = [
  { after: [1] },
  {},
  { status: 'closed' },
  { after: [2] },
  { after: [1, 2], rank: 0 },
  { status: 'closed', after: [1] },
  { deferUntil: BEGAN * 2 },
  { parent: 6 },
  { ephemeral: true },
];

test('a store that was filled by hand looks as if the commands had written it: no checker finds anything', () => {
  const store = memorySql();
  const { town } = filled(store, SHAPES.length, (place) => SHAPES[place]!);
  expect(checkInvariants(store, town.now)).toEqual([]);
  store.run(`UPDATE beads SET blocked = 0 WHERE id = 'gt-00000000'`);
  expect(checkInvariants(store, town.now)).not.toEqual([]);
});
