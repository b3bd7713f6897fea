import { HOME_RUNNER, LIMITS, type TownRow } from '@gastown/protocol';

/**
 * When the container of a town goes to sleep, and a terminal on this runner with it; null while something is to be done in it, while it does not run, on a
 * machine, which stays (CT-7), and where the runner is not known. A terminal does not change it (CT-9).
 */
export function sleepsAt(town: Pick<TownRow, 'container'> | undefined, runner: string | undefined): number | null {
  const idleSince = town?.container.idleSince ?? null;
  return idleSince === null || runner !== HOME_RUNNER ? null : idleSince + LIMITS.mayorIdleStopMs.value;
}
