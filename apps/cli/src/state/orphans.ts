import { processesOfState } from '../machine/marks.ts';
import { endProcesses } from '../machine/processes.ts';
import type { ProcessFacts } from '../machine/processes.ts';

/** Time that left-over processes get to end by themselves: their town is gone, there is nothing to save but files half written. */
export const ORPHAN_GRACE_MS = 2_000;

/**
 * Ends what a killed launcher left behind: workerd still serves and holds the port, runners and agents still work for a town that is gone.
 * Only for the holder of the lock: then no live launcher owns any of them.
 */
export async function endOrphans(state: string): Promise<ProcessFacts[]> {
  const orphans = processesOfState(state);
  await endProcesses(orphans, ORPHAN_GRACE_MS);
  return orphans;
}
