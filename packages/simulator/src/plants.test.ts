import { describe, expect, test } from 'vitest';
import { planOf } from './plan.ts';
import { PLANTS } from './plants.ts';
import { simulate } from './simulate.ts';

/** Tooth tests of the whole simulator: a bug between the core and its store is found by the rule that it breaks, within a few seeds. */
const SEEDS = 60;

function isFound(plant: string, invariant: string): boolean {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    if (simulate({ ...planOf(seed, 400), plant }).violation?.invariant === invariant) return true;
  }
  return false;
}

test('each invariant, the rest after the storm and the alarm that is off have a planted bug (I1–I20, RC-28, P7)', () => {
  const invariants = Array.from({ length: 20 }, (_, at) => `I${at + 1}`);
  expect(new Set(Object.values(PLANTS).map(({ finds }) => finds))).toEqual(new Set([...invariants, 'RC-28', 'P7']));
});

describe('a planted bug is found by the rule that it breaks', () => {
  test.each(Object.entries(PLANTS))('%s', (name, { finds }) => {
    expect(isFound(name, finds)).toBe(true);
  });
});
