import { beads } from './beads.ts';
import { chain, dense, diamonds } from './cycles.ts';
import { quietBusy, quietLarge } from './quiet.ts';
import { ready } from './ready.ts';
import type { Case } from './trial.ts';

/** By the name that the command line and the worker know. */
export const CASES: Readonly<Record<string, readonly Case[]>> = {
  ready: [ready(10_000), ready(20_000)],
  beads: [beads],
  cycles: [chain, dense, diamonds],
  quiet: [quietLarge, quietBusy],
};
