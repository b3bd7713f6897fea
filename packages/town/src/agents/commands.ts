import { failure, ok, refuse, type Result } from '@gastown/protocol';
import type { Agent } from './store.ts';
import { findAgent, insertAgent, MAYOR_NAME, updateAgent, liveAgents } from './store.ts';
import { createBead } from '../beads/create.ts';
import { asBead, newAgentId } from '../ids.ts';
import { record } from '../ledger/store.ts';
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

/** The messages of a paused Mayor wait: it gets none and no session. A polecat that is at work is still written to. */
export const waitsForResume = (agent: Agent): boolean => agent.paused && agent.role === 'mayor';

export function pauseAgent(tx: Tx, id: string, paused: boolean): Result<{ agentId: string; paused: boolean }> {
  const agent = findAgent(tx.sql, id);
  if (!agent) return refuse(failure('unknown_agent', `There is no agent ${id}.`, { agentId: id }));
  if (agent.paused !== paused) {
    updateAgent(tx, id, { paused: paused ? 1 : 0 });
    record(tx, { type: paused ? 'agent_paused' : 'agent_resumed', agentId: agent.id, data: { name: agent.name } });
  }
  return ok({ agentId: id, paused });
}

export const makeMayor = (tx: Tx): Agent => makeAgent(tx, { name: MAYOR_NAME, role: 'mayor', identity: 'mayor', rigId: null });

/** The first free name of the pool, unique among the agents of the town (AG-4). */
export function makePolecat(tx: Tx, rig: Rig): Agent {
  const name = freeName(new Set(liveAgents(tx.sql).map((agent) => agent.name)));
  return makeAgent(tx, { name, role: 'polecat', identity: `${rig.name}/polecat/${name}`, rigId: rig.id });
}
