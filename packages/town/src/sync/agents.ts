import type { AgentRow, AgentStatus } from '@gastown/protocol';
import { agentsById, type Agent } from '../agents/store.ts';
import type { Sql } from '../api.ts';
import { readContainer } from '../container/store.ts';
import { questionOf } from '../escalations/store.ts';
import { findLink } from '../links/store.ts';
import { openPermissions } from '../permissions/store.ts';
import { chargeOf } from '../runs/charges.ts';
import { awayOfRun } from '../runs/presence.ts';
import { isSilent, lastRunOfAgent, type Run } from '../runs/store.ts';
import { usages } from '../spend/store.ts';

/** What an agent does is what its live run does (AG-6); `stalled` while a patrol has found it silent, `waiting` where it asked a person before, `away` while its runner is. */
function statusOf(sql: Sql, agent: Agent, last: Run | null, asks: boolean): AgentStatus {
  if (agent.retiredAt !== null) return 'dead';
  if (!last || last.state === 'ended') return agent.role === 'mayor' ? mayorAtRest(agent) : polecatAtRest(last);
  if (asks) return 'waiting';
  if (isSilent(last) && questionOf(sql, last)) return 'waiting';
  if (awayOfRun(last, findLink(sql, last.runnerId) ?? undefined, readContainer(sql))) return 'away';
  if (isSilent(last)) return 'stalled';
  if (last.state === 'idle') return agent.role === 'mayor' ? 'waiting' : 'idle';
  return last.state === 'working' ? 'working' : 'starting';
}
/** Between sessions the Mayor can be written to all the same. */
const mayorAtRest = (agent: Agent): AgentStatus => (agent.failures > 0 ? 'failed' : 'idle');
/** Its session is over: by its own fault, or not. */
function polecatAtRest(last: Run | null): AgentStatus {
  if (!last) return 'idle';
  return last.endReason === 'failed' && chargeOf(last) !== 'free' ? 'failed' : 'exited';
}

export function agentRows(sql: Sql, ids: readonly string[]): AgentRow[] {
  const usage = usages(sql, 'agent', ids);
  const open = ids.length > 0 ? openPermissions(sql) : [];
  return agentsById(sql, ids).map((agent) => {
    const last = lastRunOfAgent(sql, agent.id);
    const run = last?.state === 'ended' ? null : last;
    const asks = open.find((asked) => asked.runId === run?.id)?.id ?? null;
    return {
      id: agent.id,
      name: agent.name,
      role: agent.role,
      identity: agent.identity,
      rigId: agent.rigId,
      status: statusOf(sql, agent, last, asks !== null),
      paused: agent.paused,
      beadId: run?.beadId ?? null,
      runId: run?.id ?? null,
      asks,
      statusLine: run?.statusLine ?? null,
      lastActivityAt: last?.lastActivityAt ?? null,
      createdAt: agent.createdAt,
      usage: usage(agent.id),
    };
  });
}
