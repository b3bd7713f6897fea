import { LIMITS, NO_USAGE, SPEND_WINDOWS, sumOf, type SpendQuery, type Usage } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story } from '../testing.ts';

/** Spend by minute: charts and gauges (MT-2, MT-3, MT-6, MT-7). */
const MINUTE = 60_000;
function working() {
  const one = story({ polecat: silentPolecat });
  one.wish('first');
  one.runner.work();
  const { runId, agentId } = one.runner.starts[0]!;
  const spend = (costMicros: number, model = 'm') =>
    one.town.send({ kind: 'spend', runId, usage: { ...NO_USAGE, inputTokens: 60, costMicros }, model });
  const series = (ask: Partial<SpendQuery> = {}) => one.town.town.spendSeries({ window: '1h', by: 'town', ...ask }, one.town.now);
  const kept = () => Number(one.town.sql.all('SELECT count(*) AS n FROM spend_minutes WHERE minute > 0')[0]?.['n']);
  return { ...one, runId, agentId, spend, series, kept };
}
const sumOfPoints = (points: readonly (Usage | null)[]): Usage =>
  points.reduce<Usage>((sum, point) => sumOf(sum, point ?? NO_USAGE), NO_USAGE);
const money = (points: readonly (Usage | null)[]): (number | null)[] => points.map((point) => point && point.costMicros);

describe('a series', () => {
  test.each(['1h', '6h', '24h', '7d'] as const)(
    'of %s has the newest point last, and its points add up to its total (MT-3, MT-7)',
    (window) => {
      const { town, spend, series } = working();
      const { minutes, bucketMinutes } = SPEND_WINDOWS[window];
      town.now += 8 * 86_400_000;
      for (let at = 0; at < minutes; at += Math.max(1, minutes / 40)) {
        spend(7);
        town.now += (Math.max(1, minutes / 40) * MINUTE) / 2;
      }
      spend(100);
      const got = series({ window });
      const [line] = got.lines;
      expect(line!.points).toHaveLength(minutes / bucketMinutes);
      expect(got.bucketMs).toBe(bucketMinutes * MINUTE);
      expect(line!.points.at(-1)!.costMicros).toBeGreaterThanOrEqual(100);
      expect(got.from + line!.points.length * got.bucketMs).toBeGreaterThan(town.now);
      expect(got.from + (line!.points.length - 1) * got.bucketMs).toBeLessThanOrEqual(town.now);
      expect(sumOfPoints(line!.points)).toEqual(got.total);
    },
  );

  test.each(['1h', '6h', '24h', '7d'] as const)(
    'of %s lets go of what was spent before it, and keeps it until then (MT-3, MT-7)',
    (window) => {
      const { town, spend, series } = working();
      const { minutes, bucketMinutes } = SPEND_WINDOWS[window];
      spend(5);
      town.now += (minutes - bucketMinutes) * MINUTE;
      expect(series({ window }).total.costMicros).toBe(5);
      town.now += bucketMinutes * MINUTE;
      expect(series({ window }).total).toEqual(NO_USAGE);
    },
  );

  test('an idle minute is zero, not the last value; before the town was made there is a gap (MT-6)', () => {
    const { town, spend, series } = working();
    spend(5);
    town.now += 10 * MINUTE;
    const points = money(series().lines[0]!.points);
    expect(points.slice(-10)).toEqual(Array(10).fill(0));
    expect(points[0]).toBeNull();
    expect(points.filter((point) => point === 5)).toHaveLength(1);
  });

  test.each(['1h', '6h', '24h', '7d'] as const)(
    'of %s begins with the town: its first point with a figure is the one in which the town was made (MT-6)',
    (window) => {
      const { town, series } = working();
      const { bucketMs, from, lines } = series({ window });
      const gaps = lines[0]!.points.filter((point) => point === null).length;
      const madeAt = town.rows().town[0]!.createdAt;
      expect(madeAt).toBeGreaterThanOrEqual(from + gaps * bucketMs);
      expect(madeAt).toBeLessThan(from + (gaps + 1) * bucketMs);
      expect(lines[0]!.points[gaps]).toEqual(NO_USAGE);
    },
  );

  test('the gauge reads the rate of the last minutes, and zero in an idle town (MT-2, MT-6)', () => {
    const { town, spend, series } = working();
    spend(600);
    const seconds = 60 + (town.now % MINUTE) / 1_000;
    expect(series().now).toEqual({ tokensPerSecond: 60 / seconds, microsPerSecond: 600 / seconds });
    town.now += 2 * MINUTE;
    expect(series().now).toEqual({ tokensPerSecond: 0, microsPerSecond: 0 });
  });

  test('by rig, agent and model: who spent what; what comes after the first twenty is one line (MT-4)', () => {
    const { spend, series, rigId, agentId } = working();
    for (let n = 0; n < 25; n += 1) spend(100 - n, `model-${n}`);
    expect(series({ by: 'rig' }).lines.map(({ key }) => key)).toEqual([rigId]);
    expect(series({ by: 'agent' }).lines.map(({ key }) => key)).toEqual([agentId]);
    const { lines, total } = series({ by: 'model' });
    expect(lines.map(({ key }) => key)).toEqual([...Array.from({ length: 20 }, (_, n) => `model-${n}`), '*']);
    expect(lines.reduce<Usage>((sum, line) => sumOf(sum, line.total), NO_USAGE)).toEqual(total);
    for (const line of lines) expect(sumOfPoints(line.points)).toEqual(line.total);
  });

  test('lines are in the order of money; where nothing has a price, of all four kinds of tokens (MT-4)', () => {
    const { town, runId, series } = working();
    const spend = (model: string, usage: Partial<Usage>) => town.send({ kind: 'spend', runId, usage: { ...NO_USAGE, ...usage }, model });
    spend('input', { inputTokens: 1 });
    spend('output', { outputTokens: 10 });
    spend('cache read', { cacheReadTokens: 100 });
    spend('cache write', { cacheWriteTokens: 1_000 });
    spend('priced', { inputTokens: 1, costMicros: 1 });
    const keys = series({ by: 'model' }).lines.map(({ key }) => key);
    expect(keys).toEqual(['priced', 'cache write', 'cache read', 'output', 'input']);
  });

  test('an empty town has one line of zeros', () => {
    const { lines, total } = story().town.town.spendSeries({ window: '24h', by: 'town' }, 1_700_000_000_000);
    expect(lines).toHaveLength(1);
    expect(total).toEqual(NO_USAGE);
  });
});

describe('what is kept', () => {
  test('is bounded: after the longest window old minutes fold into one sum, and the sums are the totals (MT-7)', () => {
    const { town, spend, kept } = working();
    const days = LIMITS.spendMinutesMs.value / 86_400_000;
    for (let hour = 0; hour < 3 * days * 24; hour += 1) {
      spend(3);
      town.now += 3_600_000;
    }
    expect(kept()).toBeLessThanOrEqual(days * 24 + 2);
    expect(town.sql.all('SELECT sum(cost_micros) AS it FROM spend_minutes')).toEqual([{ it: 3 * days * 24 * 3 }]);
    expect(town.rows().town[0]?.usage.costMicros).toBe(3 * days * 24 * 3);
  });

  test('a clock that jumps forward and back loses nothing and doubles nothing', () => {
    const { town, spend, series, kept } = working();
    spend(1);
    town.now += 400 * 86_400_000;
    spend(2);
    town.now -= 400 * 86_400_000;
    spend(4);
    expect(town.rows().town[0]?.usage.costMicros).toBe(7);
    expect(town.sql.all('SELECT sum(cost_micros) AS it FROM spend_minutes')).toEqual([{ it: 7 }]);
    expect(money(series().lines[0]!.points).at(-1)).toBeLessThanOrEqual(5);
    expect(kept()).toBeGreaterThanOrEqual(2);
  });
});
