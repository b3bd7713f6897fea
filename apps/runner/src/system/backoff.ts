/** Full-jitter backoff: a random time up to a limit that doubles with each failure (style §14). */
export const fullJitter = (attempt: number, baseMs: number, capMs: number, random: () => number): number =>
  Math.floor(random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 20)));
