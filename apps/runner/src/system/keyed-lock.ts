/** Runs the jobs of one key one after another, those of different keys side by side. */
export interface KeyedLock {
  run<T>(key: string, job: () => Promise<T>): Promise<T>;
}

export function makeKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run(key, job) {
      const before = tails.get(key) ?? Promise.resolve();
      const mine = before.then(job, job);
      tails.set(key, mine);
      const forget = (): void => {
        if (tails.get(key) === mine) tails.delete(key);
      };
      mine.then(forget, forget);
      return mine;
    },
  };
}
