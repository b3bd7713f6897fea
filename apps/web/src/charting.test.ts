import { expect, test } from 'vitest';
import { SpendSeries } from '@gastown/protocol';
import { layersOf, sumAt, topOf } from './charting.ts';

const used = (costMicros: number) => ({
  inputTokens: costMicros * 2,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costMicros,
});
const series = (lines: Record<string, (number | null)[]>) =>
  SpendSeries.parse({
    window: '1h',
    by: 'rig',
    from: 0,
    bucketMs: 60_000,
    lines: Object.entries(lines).map(([key, points]) => ({
      key,
      total: used(points.reduce<number>((sum, point) => sum + (point ?? 0), 0)),
      points: points.map((point) => (point === null ? null : used(point))),
    })),
    total: used(0),
    now: { tokensPerSecond: 0, microsPerSecond: 0 },
  });

test('the largest line is the lowest layer, and what is nothing is left out', () => {
  const layers = layersOf(series({ a: [1, 0], b: [3, 4], none: [0, 0] }), 'cost');
  expect(layers.map(({ key, total }) => [key, total])).toEqual([
    ['b', 7],
    ['a', 1],
  ]);
  expect(sumAt(layers, 0)).toBe(4);
});

test('lines beyond what can be told apart are one, and no money is lost (MT-7)', () => {
  const lines = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`r${at}`, [at + 1, 1]]));
  const layers = layersOf(series({ ...lines, '*': [2, 2] }), 'cost');
  expect(layers).toHaveLength(6);
  expect(layers.at(-1)!.key).toBe('*');
  expect(layers.reduce((sum, layer) => sum + layer.total, 0)).toBe(78 + 12 + 4);
});

test('a gap is a gap, an idle minute is zero (MT-6)', () => {
  const layers = layersOf(series({ '': [null, 0, 5] }), 'cost');
  expect([0, 1, 2].map((at) => sumAt(layers, at))).toEqual([null, 0, 5]);
});

test('an idle town has a scale of nothing, any other a round one', () => {
  expect(topOf(layersOf(series({ '': [0, 0] }), 'cost'))).toBe(0);
  expect(topOf(layersOf(series({ '': [312, 40] }), 'cost'))).toBe(500);
  expect(topOf(layersOf(series({ '': [100] }), 'cost'))).toBe(100);
  expect(topOf(layersOf(series({ '': [100] }), 'tokens'))).toBe(200);
});
