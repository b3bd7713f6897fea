export interface StormWish<Name> {
  /** So many, unless the work is over before. */
  readonly faults: number;
  readonly chosen: readonly Name[];
  readonly pick: () => Name;
  readonly isOver: () => boolean;
  /** Throws when the time for all of it is over: a town that is stuck fails the proof, it does not hang it. */
  readonly inTime: () => void;
  /** False: it could not be done now, or nobody met it. */
  readonly happen: (name: Name) => Promise<boolean>;
  /** Longer after faults that nobody met, one after the other: they come again, and a town that is never left alone gets nothing done. */
  readonly rest: (misses: number) => Promise<void>;
}

/** One thing after the other goes wrong, while there is work: each of the chosen ones once, then as the dice say. */
export async function storm<Name>({ faults, chosen, pick, isOver, inTime, happen, rest }: StormWish<Name>): Promise<void> {
  const first = [...chosen];
  let misses = 0;
  for (let done = 0; done < faults && !isOver();) {
    inTime();
    const name = first.shift() ?? pick();
    if (await happen(name)) {
      done += 1;
      misses = 0;
    } else {
      first.push(name); // its turn comes when it can be done
      misses += 1;
    }
    await rest(misses);
  }
}
