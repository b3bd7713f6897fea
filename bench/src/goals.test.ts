import { expect, test } from 'vitest';
import { atLeast, atMost } from './goals.ts';

test('a goal is met at its bound, and not beyond it', () => {
  expect([500, 499.9].map((measured) => atLeast(500, measured))).toEqual([
    { goal: '≥ 500', measured: 500, met: true },
    { goal: '≥ 500', measured: 499.9, met: false },
  ]);
  expect([50, 50.1].map((measured) => atMost(50, measured).met)).toEqual([true, false]);
});
