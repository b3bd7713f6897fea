import type { PersonCommandKind } from '@gastown/protocol';
import type { FaultKind } from './world/faults.ts';

/** Everything that decides a run: the same plan gives the same world, step for step. */
export interface Plan {
  readonly seed: number;
  /** Steps with faults; after them the world is calm and must come to rest. */
  readonly steps: number;
  readonly people: number;
  readonly browsers: number;
  readonly rigs: number;
  /** Faults that do not occur. */
  readonly without?: readonly FaultKind[];
  /** Of the faults that occur, by number of their occurrence: these do not. */
  readonly spare?: readonly string[];
  /** Commands that no person gives. */
  readonly withoutCommands?: readonly PersonCommandKind[];
  /** A planted bug, by name. */
  readonly plant?: string;
  /** Replicas are compared with the town this often, in steps. */
  readonly compareEvery?: number;
}

export const planOf = (seed: number, steps: number): Plan => ({ seed, steps, people: 2, browsers: 2, rigs: 2 });
/** Many browsers, much that changes: convergence of replicas (I17). */
export const replicaPlan = (seed: number, steps: number): Plan => ({
  seed,
  steps,
  people: 3,
  browsers: 2 + (seed % 7),
  rigs: 2,
  compareEvery: 10,
});
