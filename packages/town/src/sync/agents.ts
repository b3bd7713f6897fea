import type { AgentRow, AgentStatus } from '@gastown/protocol';
import { agentsById, type Agent } from '../agents/store.ts';
import type { Sql } from '../api.ts';
import { lastRunOfAgent, type Run } from '../runs/store.ts';
import { usages } from '../spend/store.ts';

/** What an agent does is what its live run does; between messages the Mayor is waiting, a polecat idle (AG-6). */
function statusOf(agent: Agent, run: Run | null): AgentStatus {
  if (!run) return agent.failures > 0 ? 'failed' : 'idle';
  if (run.state === 'idle') return agent.role === 'mayor' ? 'waiting' : 'idle';
  return run.state === 'working' ? 'working' : 'starting';
}

export function agentRows(sql: Sql, ids: readonly string[]): AgentRow[] {
  const usage = usages(sql, 'agent', ids);
  return agentsById(sql, ids).map((agent) => {
    const last = lastRunOfAgent(sql, agent.id);
    const run = last?.state === 'ended' ? null : last;
    return {
      id: agent.id,
      name: agent.name,
      role: agent.role,
      identity: agent.identity,
      rigId: agent.rigId,
      status: statusOf(agent, run),
      beadId: run?.beadId ?? null,
      runId: run?.id ?? null,
      statusLine: run?.statusLine ?? null,
      lastActivityAt: last?.lastActivityAt ?? null,
      createdAt: agent.createdAt,
      usage: usage(agent.id),
    };
  });
}
