import { describe, expect, it } from 'vitest';
import { destroyAgents } from './deletion.ts';

const agents = Array.from({ length: 25 }, (_, at) => `ag-${String(at).padStart(8, '0')}`).toReversed();

describe('the agents of a deleted town (DL-1)', () => {
  it('go a bounded number in one turn, from where the turn before came to, each once', async () => {
    const gone: string[] = [];
    let reached: string | null = null;
    const turn = () =>
      destroyAgents({ agents, reached, most: 12, destroy: async (id) => void gone.push(id), reach: (id) => (reached = id) });
    expect(await turn()).toBe(false);
    expect(gone).toHaveLength(12);
    expect(await turn()).toBe(false);
    expect(await turn()).toBe(true);
    expect(gone).toEqual(agents.toReversed());
    expect(await turn()).toBe(true);
    expect(gone).toHaveLength(25);
  });

  it('go on after a turn that was cut off from the last few that are surely gone', async () => {
    const gone = new Set<string>();
    let reached: string | null = null;
    let calls = 0;
    const destroy = async (id: string): Promise<void> => {
      calls += 1;
      if (calls === 15) throw new Error('too many subrequests');
      gone.add(id);
    };
    const turn = () => destroyAgents({ agents, reached, most: 100, destroy, reach: (id) => (reached = id) });
    await expect(turn()).rejects.toThrow('too many subrequests');
    expect(reached).toBe('ag-00000009');
    expect(await turn()).toBe(true);
    expect(gone.size).toBe(25);
    expect(calls).toBe(20 + 15);
  });
});
