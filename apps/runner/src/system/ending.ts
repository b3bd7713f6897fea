/** Something that ends once. A promise keeps everybody who ever waited for it until then; here, who has stopped waiting is forgotten. */
export interface Ending<T> {
  readonly promise: Promise<T>;
  /** What `work` gives, or what is made of the end if that comes first. */
  first<R>(work: Promise<R>, atEnd: (value: T) => R): Promise<R>;
}

export function makeEnding<T>(promise: Promise<T>): Ending<T> {
  const waiting = new Set<(value: T) => void>();
  let over = false;
  void promise.then((value) => {
    over = true;
    for (const hear of waiting) hear(value);
    waiting.clear();
  });
  return {
    promise,
    first: (work, atEnd) =>
      new Promise((resolve, reject) => {
        const hear = (value: T): void => resolve(atEnd(value));
        if (over) void promise.then(hear);
        else waiting.add(hear);
        work.then(resolve, reject).finally(() => waiting.delete(hear));
      }),
  };
}
