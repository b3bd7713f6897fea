import type { Link } from './link/link.ts';
import type { Runs } from './runs/runs.ts';
import type { Log } from './system/log.ts';
import { within } from './system/within.ts';
import type { Taking } from './taking.ts';

/**
 * How a runner that was asked to end does so (DR-1): it says so, turns and merges under way may end within the grace, then what is left is cut, its work kept and its end told. Every wait has an end: neither
 * a start that hangs, nor a repository or a town that does not answer, keeps it (DR-5).
 */
export interface Drain {
  begin(graceMs: number): Promise<void>;
  hurry(): void;
}

/** For keeping the work of the runs that are left, all at once. */
const EVICT_MS = 10_000;
/** For the town to take the last reports. */
const TOLD_MS = 2_000;

export function makeDrain(around: { taking: Taking; runs: Runs; link: () => Link; log: Log }): Drain {
  const { taking, runs, log } = around;
  let hurry: () => void = () => undefined;
  const hurried = new Promise<void>((resolve) => (hurry = resolve));
  return {
    hurry,
    async begin(graceMs) {
      const began = performance.now();
      log('runner.draining', { graceMs, runs: runs.live().length });
      taking.drain();
      void around.link().report({ kind: 'draining', graceMs });
      await within(graceMs, Promise.race([Promise.all([runs.drain(), taking.quiet()]), hurried]));
      const left = runs.live().length;
      const kept = await within(EVICT_MS, runs.evictAll());
      const told = await within(
        TOLD_MS,
        around
          .link()
          .settled()
          .then(() => true),
      );
      log('runner.drained', { ms: Math.round(performance.now() - began), left, keptInTime: kept !== null, told: told !== null });
    },
  };
}
