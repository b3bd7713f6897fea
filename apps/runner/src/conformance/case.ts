import type { House } from './house.ts';

/** One story that is told to each agent. `tell` throws when it goes otherwise, and gives a note worth keeping, or null. */
export interface Case {
  readonly id: string;
  readonly tell: (house: House) => Promise<string | null>;
}

/** What an agent cannot do at all: not a failure of ours. */
export class Unable extends Error {}

export function expect(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(what);
}
