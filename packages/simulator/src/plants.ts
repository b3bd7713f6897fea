import type { Planted } from './scene.ts';

/** Bugs that are planted on purpose: each must be found by the checker that it names, or that checker proves nothing. */
export interface Plant extends Planted {
  readonly finds: string;
  readonly says: string;
}
export const PLANTS: Readonly<Record<string, Plant>> = {};

export function plantOf(name: string | undefined): Plant | undefined {
  if (name === undefined) return undefined;
  const found = PLANTS[name];
  if (!found) throw new Error(`There is no plant ${name}; there are ${Object.keys(PLANTS).join(', ')}.`);
  return found;
}
