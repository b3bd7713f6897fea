import { setTimeout as delay } from 'node:timers/promises';

/** A probe must not wait for an answer that never comes: each has its own limit. */
const PROBE_MS = 400;
const BETWEEN_PROBES_MS = 25;

/** True as soon as the address answers well; false when it did not within the time. */
export async function answersWithin(url: string, withinMs: number, probeMs = PROBE_MS): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  do {
    if (await answers(url, probeMs)) return true;
    await delay(BETWEEN_PROBES_MS);
  } while (performance.now() < deadline);
  return false;
}

/** Refused, reset and too slow all mean the same here: not ready. */
const answers = (url: string, probeMs: number): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(probeMs) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.ok;
    },
    () => false,
  );
