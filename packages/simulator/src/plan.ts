import type { PersonCommandKind } from '@gastown/protocol';
import type { FaultKind } from './world/faults.ts';

/** Everything that decides a run: the same plan gives the same world, step for step. */
export interface Plan {
  readonly seed: number;
  /** Steps with faults; after them the world is calm and must come to rest. */
  readonly steps: number;
  readonly people: number;
  /** How long a person waits between two wishes, about. */
  readonly pauseMs?: number;
  readonly browsers: number;
  readonly rigs: number;
  /** People's own machines at the beginning, beside the container. */
  readonly machines?: number;
  /** No other faults than these occur. */
  readonly only?: readonly FaultKind[];
  /** Of all occurrences of faults, by kind and number, only these. */
  readonly strikes?: readonly string[];
  /** Commands that no person gives. */
  readonly withoutCommands?: readonly PersonCommandKind[];
  /** Faults that occur this often at each opportunity, whatever the seed says. */
  readonly rates?: Partial<Record<FaultKind, number>>;
  /** The storm lasts until the core has had so many commands, instead of `steps`. */
  readonly commands?: number;
  /** A planted bug, by name. */
  readonly plant?: string;
  /** Replicas are compared with the town this often, in steps. */
  readonly compareEvery?: number;
}

export const planOf = (seed: number, steps: number): Plan => ({ seed, steps, people: 2, browsers: 2, rigs: 2, machines: seed % 3 });
/** Many browsers, much that changes: convergence of replicas (I17). */
export const replicaPlan = (seed: number, commands: number): Plan => ({
  seed,
  steps: commands * 50,
  commands,
  people: 3,
  browsers: 2 + (seed % 7),
  rigs: 2,
  machines: seed % 3,
  compareEvery: 10,
});
