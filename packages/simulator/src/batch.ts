import { planOf, replicaPlan, type Plan } from './plan.ts';
import { simulate, type Ran } from './simulate.ts';

/** Many seeds, one after the other, and what came of them together. */
export interface Wish {
  readonly from: number;
  readonly seeds: number;
  readonly steps: number;
  /** Pages and their copies are in the middle. */
  readonly replicas: boolean;
  readonly plant?: string | undefined;
}
interface Failed {
  readonly seed: number;
  readonly invariant: string;
  readonly message: string;
  readonly step: number;
}
export interface Totals {
  seeds: number;
  steps: number;
  commands: number;
  townMs: number;
  duplicates: number;
  lateOrReordered: number;
  networkFaults: number;
  /** How often each fault came about. */
  readonly faults: Record<string, number>;
  readonly failed: Failed[];
}
export const nothing = (): Totals => ({
  seeds: 0,
  steps: 0,
  commands: 0,
  townMs: 0,
  duplicates: 0,
  lateOrReordered: 0,
  networkFaults: 0,
  faults: {},
  failed: [],
});

export const planFor = ({ steps, replicas, plant }: Omit<Wish, 'from' | 'seeds'>, seed: number): Plan => ({
  ...(replicas ? replicaPlan(seed, steps) : planOf(seed, steps)),
  ...(plant !== undefined && { plant }),
});

export function runBatch(wish: Wish): Totals {
  const totals = nothing();
  for (let seed = wish.from; seed < wish.from + wish.seeds; seed += 1) add(totals, simulate(planFor(wish, seed)));
  return totals;
}

export function add(totals: Totals, ran: Ran): void {
  totals.seeds += 1;
  totals.steps += ran.steps;
  totals.commands += ran.commands;
  totals.townMs += ran.townMs;
  totals.duplicates += ran.counts.duplicates;
  totals.lateOrReordered += ran.counts.lateOrReordered;
  totals.networkFaults += ran.counts.networkFaults;
  addFaults(totals, ran.faults);
  const { violation, plan } = ran;
  if (violation) totals.failed.push({ seed: plan.seed, ...violation });
}

export function merge(into: Totals, other: Totals): void {
  for (const field of ['seeds', 'steps', 'commands', 'townMs', 'duplicates', 'lateOrReordered', 'networkFaults'] as const)
    into[field] += other[field];
  addFaults(into, other.faults);
  into.failed.push(...other.failed);
}

function addFaults(into: Totals, faults: Readonly<Record<string, number>>): void {
  for (const [kind, times] of Object.entries(faults)) into.faults[kind] = (into.faults[kind] ?? 0) + times;
}
