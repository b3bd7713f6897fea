import { expect, test } from 'vitest';
import { figures } from './figures.ts';

test('median, p95 and p99 are taken by nearest rank', () => {
  expect(figures(Array.from({ length: 100 }, (_, index) => 100 - index))).toEqual({
    n: 100,
    min: 1,
    median: 50,
    p95: 95,
    p99: 99,
    max: 100,
  });
  expect(figures([3])).toEqual({ n: 1, min: 3, median: 3, p95: 3, p99: 3, max: 3 });
});

test('no measurement is an error, not a zero', () => {
  expect(() => figures([])).toThrow('nothing was measured');
});
