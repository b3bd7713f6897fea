import { beads } from './beads.ts';
import { chain, dense } from './cycles.ts';
import { everyday } from './everyday.ts';
import { lifeAlone, lifeAmongMany } from './life.ts';
import { quietBusy, quietLarge, quietWaiting } from './quiet.ts';
import { ready } from './ready.ts';
import { SHAPES } from './shapes/index.ts';
import type { Case } from './trial.ts';

/** By the name that the command line and the worker know. */
export const CASES: Readonly<Record<string, readonly Case[]>> = {
  ready: [ready(10_000), ready(20_000)],
  beads: [beads],
  cycles: [chain, dense],
  quiet: [quietLarge, quietWaiting, quietBusy],
  everyday: [everyday],
  lives: [lifeAlone, lifeAmongMany],
  shapes: SHAPES,
};
