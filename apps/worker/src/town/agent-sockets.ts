import { type AgentId, LIMITS, type RunnerId } from '@gastown/protocol';
import { logException } from '../edge/answers.ts';
import { tryAgain } from '../retry.ts';
import type { Ground } from './ground.ts';

/**
 * The agents whose objects a runner may have sockets to: those that it was let in to. Its last run of an agent says less, the agent may be elsewhere since then
 * while a socket is still open. One turn of an object may make only so many calls, so as many are kept, those that it came to last; of the oldest the sockets are closed.
 */
const MOST = LIMITS.agentsDestroyed.value;
const TRIES = { tries: 3, baseMs: 50 } as const;

type Sockets = Pick<Ground, 'env' | 'memory'>;

/** The agent that is forgotten for this one; null: none. */
export function letIn({ memory }: Sockets, runnerId: RunnerId, agentId: AgentId): AgentId | null {
  const before = memory.agentsOf(runnerId);
  if (before.at(-1) === agentId) return null;
  const agents = [...before.filter((id) => id !== agentId), agentId];
  memory.setAgentsOf(runnerId, agents.slice(-MOST));
  return agents.length > MOST ? agents[0]! : null;
}

/**
 * Closes what it opened there with a token older than `least` (null: with any); who still may comes back. Never fails: what cannot be reached stays in the list for the next
 * time.
 */
export async function dropAgents(
  sockets: Sockets,
  runnerId: RunnerId,
  least: number | null,
  agents = sockets.memory.agentsOf(runnerId),
): Promise<void> {
  const { memory } = sockets;
  const without = (those: readonly AgentId[]) => memory.agentsOf(runnerId).filter((id) => !those.includes(id));
  memory.setAgentsOf(runnerId, without(agents));
  const asked = await Promise.allSettled(agents.map((agentId) => dropAgent(sockets, runnerId, least, agentId)));
  const left = agents.filter((_, at) => asked[at]?.status === 'rejected');
  if (left.length > 0 && !memory.deleted()) memory.setAgentsOf(runnerId, [...left, ...without(left)]);
}

async function dropAgent({ env, memory }: Sockets, runnerId: RunnerId, least: number | null, agentId: AgentId): Promise<void> {
  const town = memory.townId();
  const agent = env.AGENT.get(env.AGENT.idFromName(`${town}/${agentId}`));
  try {
    await tryAgain(() => agent.dropRunner(runnerId, least), TRIES);
  } catch (error) {
    logException(error, { during: 'end of a runner', town, agent: agentId, runner: runnerId });
    throw error;
  }
}
