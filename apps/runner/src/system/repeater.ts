/**
 * A job that is asked for again and again, and does all there is to do each time: one at a time, and what is asked for meanwhile is one more, for the strongest of the reasons.
 */
export interface Repeater<Why> {
  /** Resolves when a run of the job that began after this is over. */
  ask(why: Why): Promise<void>;
  /** Resolves when all that was asked for is over. */
  idle(): Promise<void>;
}

/** `job` must not reject. */
export function makeRepeater<Why>(job: (why: Why) => Promise<void>, stronger: (one: Why, other: Why) => Why): Repeater<Why> {
  let running: Promise<void> = Promise.resolve();
  let following: { why: Why; readonly over: Promise<void> } | null = null;
  return {
    ask(why) {
      if (following !== null) {
        following.why = stronger(following.why, why);
        return following.over;
      }
      const next = {
        why,
        over: running.then(() => {
          following = null;
          running = job(next.why);
          return running;
        }),
      };
      following = next;
      return next.over;
    },
    idle: () => following?.over ?? running,
  };
}
