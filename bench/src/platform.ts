import type { Billed } from './cases/trial.ts';
import { onWorkerd } from './runtime.ts';

/** Each case of this name in an object of its own. */
export const countOnPlatform = (name: string): Promise<Billed[][]> =>
  onWorkerd(async (ask) => (await ask(`/core?name=${name}`)) as Billed[][]);
