/**
 * A town's agents are taken away a bounded number at a time: one turn of an object may make only so many calls (the platform's limit of subrequests), and a town that lived long has had very many agents.
 * What is done is remembered after each few, so a turn that is cut off goes on from there (DL-1, DL-2).
 */
export interface DeletionGround {
  /** Every agent that the town ever had. */
  readonly agents: readonly string[];
  /** The last one that is gone; null: none is. They go in the order of their ids. */
  readonly reached: string | null;
  readonly most: number;
  readonly destroy: (agentId: string) => Promise<void>;
  readonly reach: (agentId: string) => void;
}

const TOGETHER = 10;

/** False: there are more, for a next turn. */
export async function destroyAgents({ agents, reached, most, destroy, reach }: DeletionGround): Promise<boolean> {
  const left = agents.filter((id) => reached === null || id > reached).toSorted();
  for (let at = 0; at < Math.min(left.length, most); at += TOGETHER) {
    const group = left.slice(at, Math.min(at + TOGETHER, most));
    await Promise.all(group.map(destroy));
    reach(group.at(-1)!);
  }
  return left.length <= most;
}
