import type { Totals, Wish } from './batch.ts';
import { PLANTS } from './plants.ts';
import { FAULT_KINDS } from './world/faults.ts';

/** What a commit's run has to have met (design/reliability.md §3): a run of so many seeds in which less went wrong has not proved what it says. */
const ENOUGH_SEEDS = 2_000;
const LEAST = { networkFaults: 500, duplicates: 1_000, lateOrReordered: 1_000 } as const;

/** The figures that were not reached, and the faults that never came about. Fewer seeds, pages in the middle, or a planted bug promise none. */
export function missedBy(totals: Totals, { replicas, plant }: Pick<Wish, 'replicas' | 'plant'>): string[] {
  if (totals.seeds < ENOUGH_SEEDS || replicas || plant !== undefined) return [];
  const figures = Object.keys(LEAST) as (keyof typeof LEAST)[];
  return [
    ...figures.filter((name) => totals[name] < LEAST[name]).map((name) => `${name}: ${totals[name]} of ${LEAST[name]}`),
    ...FAULT_KINDS.filter((kind) => !totals.faults[kind]),
  ];
}

/** Nothing broke and nothing was missed; with a planted bug: the rule that it breaks found it. */
export const isWell = (totals: Totals, wish: Pick<Wish, 'replicas' | 'plant'>): boolean =>
  wish.plant === undefined
    ? totals.failed.length === 0 && missedBy(totals, wish).length === 0
    : totals.failed.some(({ invariant }) => invariant === PLANTS[wish.plant!]?.finds);
