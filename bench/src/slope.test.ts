import { expect, test } from 'vitest';
import { slopeOf } from './slope.ts';

const line = (value: (minute: number) => number) =>
  Array.from({ length: 46 }, (_, minute) => ({ hours: minute / 60, value: value(minute) }));

test('the slope of a line is found, and nothing is left to doubt', () => {
  expect(slopeOf(line((minute) => 100 + minute / 30))).toEqual({ n: 46, perHour: 2, plusMinus: 0 });
});

test('noise without a trend has a slope whose interval holds zero, also when it goes up and down slowly', () => {
  for (const noise of [(minute: number) => (minute % 2) * 4, (minute: number) => Math.sin(minute / 4) * 5]) {
    const { perHour, plusMinus } = slopeOf(line(noise));
    expect(Math.abs(perHour)).toBeLessThanOrEqual(plusMinus);
  }
});

test('a trend under noise is told from none', () => {
  const { perHour, plusMinus } = slopeOf(line((minute) => minute / 6 + (minute % 3)));
  expect(perHour - plusMinus).toBeGreaterThan(8);
  expect(perHour + plusMinus).toBeLessThan(12);
});
