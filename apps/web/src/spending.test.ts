import { expect, test } from 'vitest';
import { dollarsOf, microsOf, reachOf, reachSays } from './spending.ts';

const figures = (spentMicros: number, softMicros: number | null, hardMicros: number | null) => ({ spentMicros, softMicros, hardMicros });

test('a limit is reached when it is spent, the hard one before the soft one (MT-5)', () => {
  expect(reachOf(figures(4, 5, 9))).toBeNull();
  expect(reachOf(figures(5, 5, 9))).toBe('soft');
  expect(reachOf(figures(9, 5, 9))).toBe('hard');
  expect(reachOf(figures(0, null, 0))).toBe('hard');
  expect(reachOf(figures(9_999, null, null))).toBeNull();
});

test('the sentence says what goes on and what does not', () => {
  expect(reachSays('hard', figures(6_020_000, null, 6_000_000))).toBe(
    '$6.02 of $6.00: its agents are stopped and no model call goes through.',
  );
  expect(reachSays('soft', figures(3_000_000, 3_000_000, null))).toMatch(/nothing new starts/);
});

test('dollars are read as people write them, and come back as they were', () => {
  expect(['12', '$0.5', '1,25', ' ', '-1', 'ten'].map(microsOf)).toEqual([12_000_000, 500_000, 1_250_000, null, undefined, undefined]);
  expect([null, 12_500_000].map(dollarsOf)).toEqual(['', '12.5']);
});
