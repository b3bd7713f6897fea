import { AgentId, LIMITS, RunnerId } from '@gastown/protocol';
import { describe, expect, it, vi } from 'vitest';
import { dropAgents, letIn } from './agent-sockets.ts';

const ATTIC = RunnerId.parse('rn-000000000001');
const agentOf = (n: number): AgentId => AgentId.parse(`ag-${String(n).padStart(8, '0')}`);

/** A town's memory and its agents' objects, of which some fail. */
function sockets(fails: (name: string) => boolean = () => false, deleted = false) {
  const agents = new Map<string, readonly AgentId[]>();
  const asked: string[] = [];
  const dropRunner = async (name: string, least: number | null) => {
    asked.push(`${name} before ${least}`);
    if (fails(name)) throw Object.assign(new Error('too much'), { overloaded: true });
  };
  const ground = {
    env: {
      AGENT: {
        idFromName: (name: string) => name,
        get: (name: string) => ({ dropRunner: (_runner: RunnerId, least: number | null) => dropRunner(name, least) }),
      },
    },
    memory: {
      townId: () => 'town',
      deleted: () => deleted,
      agentsOf: (runner: string) => [...(agents.get(runner) ?? [])],
      setAgentsOf: (runner: string, those: readonly AgentId[]) => void agents.set(runner, those),
    },
  } as unknown as Parameters<typeof letIn>[0];
  return { ground, asked, kept: () => agents.get(ATTIC) };
}

describe('the agents that a runner may have sockets to', () => {
  it('are those that it was let in to, each once, and as many as one turn can ask', () => {
    const { ground, kept } = sockets();
    const most = LIMITS.agentsDestroyed.value;
    for (let n = 0; n < most; n += 1) expect(letIn(ground, ATTIC, agentOf(n))).toBeNull();
    expect(letIn(ground, ATTIC, agentOf(0))).toBeNull();
    expect(letIn(ground, ATTIC, agentOf(most))).toBe(agentOf(1));
    expect(kept()).toHaveLength(most);
    expect(kept()?.slice(-2)).toEqual([agentOf(0), agentOf(most)]);
  });

  it('are all told, also when one of them breaks: that one is told again the next time', async () => {
    const logged = vi.spyOn(console, 'error').mockReturnValue();
    const { ground, asked, kept } = sockets((name) => name.endsWith(agentOf(1)));
    for (const n of [1, 2, 3]) letIn(ground, ATTIC, agentOf(n));
    await dropAgents(ground, ATTIC, 3);
    expect(asked.toSorted()).toEqual([1, 2, 3].map((n) => `town/${agentOf(n)} before 3`));
    expect(kept()).toEqual([agentOf(1)]);
    logged.mockRestore();
  });

  it('of a town that was deleted meanwhile are not kept for a next time (DL-5)', async () => {
    const logged = vi.spyOn(console, 'error').mockReturnValue();
    const { ground, kept } = sockets(() => true, true);
    letIn(ground, ATTIC, agentOf(1));
    await dropAgents(ground, ATTIC, null);
    expect(kept()).toEqual([]);
    logged.mockRestore();
  });
});
