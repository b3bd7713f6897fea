/**
 * Who works as the user of a pool beside its processes: what prepares a worktree, takes work over, removes it. What is left of a process is ended by that user, at one stroke, which would hit these too: so an end
 * begins only while nobody holds the user, and who wants to hold it meanwhile waits for that end.
 */
export interface Holds {
  /** `job` begins when no end is under way, and none begins before it is over. `name`: of the pool, and of its cell. */
  holding<T>(name: string, job: () => Promise<T>): Promise<T>;
  isHeld(name: string): boolean;
  /** Something of that user is being ended. */
  ending(name: string, end: Promise<unknown>): void;
  /** Resolves when the ends under way are over. */
  ended(name: string): Promise<unknown>;
}

/** `onFree`: the last that held it has let go. */
export function makeHolds(onFree: (name: string) => void): Holds {
  const holders = new Map<string, number>();
  const endings = new Map<string, Promise<unknown>>();
  const ended = (name: string): Promise<unknown> => endings.get(name) ?? Promise.resolve();
  const letGo = (name: string): void => {
    const others = holders.get(name)! - 1;
    holders.set(name, others);
    if (others > 0) return;
    holders.delete(name);
    onFree(name);
  };
  return {
    async holding(name, job) {
      holders.set(name, (holders.get(name) ?? 0) + 1);
      try {
        await ended(name);
        return await job();
      } finally {
        letGo(name);
      }
    },
    isHeld: (name) => holders.has(name),
    ending(name, end) {
      const all = Promise.all([ended(name), end]).then(() => {
        if (endings.get(name) === all) endings.delete(name);
      });
      endings.set(name, all);
    },
    ended,
  };
}
