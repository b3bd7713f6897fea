import type { Agent } from './store.ts';
import { allAgents, findAgent, insertAgent, MAYOR_NAME } from './store.ts';
import { createBead } from '../beads/create.ts';
import { asBead, newAgentId } from '../ids.ts';
import type { Rig } from '../rigs/store.ts';
import type { Tx } from '../tx.ts';
import { freeName } from './names.ts';

function makeAgent(tx: Tx, agent: Pick<Agent, 'name' | 'role' | 'identity' | 'rigId'>): Agent {
  const id = newAgentId(tx);
  createBead(
    tx,
    {
      id: asBead(id),
      type: 'agent',
      title: agent.name,
      body: '',
      rigId: agent.rigId,
      parentId: null,
      assigneeId: null,
      priority: 'medium',
      labels: [],
      createdBy: 'town',
    },
    { type: 'created', agentId: id, data: { identity: agent.identity } },
  );
  insertAgent(tx, { ...agent, id });
  const made = findAgent(tx.sql, id);
  if (!made) throw new Error(`agent ${id} was not written`);
  return made;
}

export const makeMayor = (tx: Tx): Agent => makeAgent(tx, { name: MAYOR_NAME, role: 'mayor', identity: 'mayor', rigId: null });

/** The first free name of the pool, unique among the agents of the town (AG-4). */
export function makePolecat(tx: Tx, rig: Rig): Agent {
  const name = freeName(new Set(allAgents(tx.sql).map((agent) => agent.name)));
  return makeAgent(tx, { name, role: 'polecat', identity: `${rig.name}/polecat/${name}`, rigId: rig.id });
}
