export interface Slope {
  readonly n: number;
  /** Of the value, an hour. */
  readonly perHour: number;
  /** Half the width of its 95 % interval, widened for neighbours that resemble each other. */
  readonly plusMinus: number;
}

export interface Point {
  readonly hours: number;
  readonly value: number;
}

/** Least squares. The interval counts fewer independent points where what is left over goes on from one point to the next (lag-1 autocorrelation). */
export function slopeOf(points: readonly Point[]): Slope {
  const n = points.length;
  if (n < 4) throw new Error(`${n} points are too few for a slope`);
  const mean = (of: (point: Point) => number): number => points.reduce((sum, point) => sum + of(point), 0) / n;
  const [x, y] = [mean(({ hours }) => hours), mean(({ value }) => value)];
  const spread = points.reduce((sum, { hours }) => sum + (hours - x) ** 2, 0);
  const perHour = points.reduce((sum, { hours, value }) => sum + (hours - x) * (value - y), 0) / spread;
  const left = points.map(({ hours, value }) => value - y - perHour * (hours - x));
  const squares = left.reduce((sum, one) => sum + one * one, 0);
  const goesOn = squares === 0 ? 0 : left.slice(1).reduce((sum, one, at) => sum + one * left[at]!, 0) / squares;
  const likeness = Math.min(0.9, Math.max(0, goesOn));
  const independent = Math.max(3, n * ((1 - likeness) / (1 + likeness)));
  const error = Math.sqrt((squares / (n - 2) / spread) * (n / independent));
  const round = (value: number): number => Math.round(value * 100) / 100;
  return { n, perHour: round(perHour), plusMinus: round(STUDENT * error) };
}

/** Of the 95 % interval with some ten points. */
const STUDENT = 2.2;
