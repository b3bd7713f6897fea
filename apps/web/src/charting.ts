import type { SpendSeries, Usage } from '@gastown/protocol';
import { tokensOf } from './format.ts';

/** What a chart of spend draws: money, or tokens where no price is known. */
export type Measure = 'cost' | 'tokens';
const measured = (usage: Usage, measure: Measure): number => (measure === 'cost' ? usage.costMicros : tokensOf(usage));

/** More lines than can be told apart become one. */
const COLOURS = 5;
export interface Layer {
  readonly key: string;
  readonly total: number;
  /** One value a bucket; null is a gap: the town did not exist yet. */
  readonly values: readonly (number | null)[];
}

/** The lines as layers from the largest to the smallest, the rest in one named `*`. */
export function layersOf(series: SpendSeries, measure: Measure): Layer[] {
  const layers = series.lines
    .map(({ key, total, points }) => ({
      key,
      total: measured(total, measure),
      values: points.map((point) => (point === null ? null : measured(point, measure))),
    }))
    .filter(({ total, values }) => total > 0 || series.lines.length === 1 || values.some((value) => value !== null && value > 0))
    .toSorted((a, b) => Number(a.key === '*') - Number(b.key === '*') || b.total - a.total);
  if (layers.length <= COLOURS + 1) return layers;
  return [...layers.slice(0, COLOURS), merged(layers.slice(COLOURS))];
}

function merged(layers: readonly Layer[]): Layer {
  const values = layers[0]!.values.map((_, at) => {
    const known = layers.flatMap((layer) => layer.values[at] ?? []);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
  });
  return { key: '*', total: layers.reduce((sum, layer) => sum + layer.total, 0), values };
}

export const sumAt = (layers: readonly Layer[], at: number): number | null => {
  const known = layers.flatMap(({ values }) => values[at] ?? []);
  return known.length === 0 && layers.some(({ values }) => values[at] === null) ? null : known.reduce((sum, value) => sum + value, 0);
};

/** The top of the scale: 1, 2 or 5 times a power of ten, at or above the highest bar. */
export function topOf(layers: readonly Layer[]): number {
  const buckets = layers[0]?.values.length ?? 0;
  const highest = Math.max(0, ...Array.from({ length: buckets }, (_, at) => sumAt(layers, at) ?? 0));
  if (highest === 0) return 0;
  const power = 10 ** Math.floor(Math.log10(highest));
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= highest)!;
}
