import type { TurnEnd } from './driver.ts';

/** A turn that was cancelled so soon may never have begun for its agent. */
const SOON_MS = 5_000;
/** As long as it has to answer. */
const ANSWER_MS = 5_000;

/**
 * Kilo now and then never answers a prompt that is cancelled just as it arrives: it does nothing for it, another cancel changes nothing, and it takes the next prompt. Such a
 * turn, of which nothing at all was heard, is over when its agent has had its time; with the session all is well.
 */
export interface Unbegun {
  watch(turn: Promise<TurnEnd>): Promise<TurnEnd>;
  /** Something was heard of the session, or it is over: the turn is what its agent says of it. */
  heed(): void;
  cancelled(): void;
}

export function makeUnbegun(): Unbegun {
  let current: { readonly since: number; readonly end: () => void; timer: NodeJS.Timeout | null } | null = null;
  return {
    async watch(turn) {
      const { promise, resolve } = Promise.withResolvers<TurnEnd>();
      const mine: NonNullable<typeof current> = {
        since: performance.now(),
        end: () => resolve({ stopReason: 'cancelled', usage: null, failure: null }),
        timer: null,
      };
      current = mine;
      try {
        return await Promise.race([turn, promise]);
      } finally {
        if (mine.timer !== null) clearTimeout(mine.timer);
        if (current === mine) current = null;
      }
    },
    heed() {
      if (current !== null && current.timer !== null) clearTimeout(current.timer);
      current = null;
    },
    cancelled() {
      if (current === null || current.timer !== null || performance.now() - current.since > SOON_MS) return;
      current.timer = setTimeout(current.end, ANSWER_MS);
    },
  };
}
