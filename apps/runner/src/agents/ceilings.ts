import { failure, LIMITS } from '@gastown/protocol';
import type { Failure } from '@gastown/protocol';
import type { SessionWish } from './driver.ts';

export interface PoolCeilings {
  /** Sessions of one process. */
  readonly sessions: number;
  /** Memory of one process with all that it started. */
  readonly bytes: number;
  /** A process may become this many times what it was after its first turn, or one that begins above the ceiling would be replaced for ever. */
  readonly growth: number;
  /** Sessions of the whole runner. */
  readonly agents: number;
  /** Below this much free memory of the machine no agent starts. */
  readonly freeBytes: number;
}

export const CEILINGS: PoolCeilings = {
  sessions: LIMITS.agentProcessSessions.value,
  bytes: LIMITS.agentProcessBytes.value,
  growth: 1.5,
  agents: LIMITS.agentsAtOnce.value,
  freeBytes: LIMITS.runnerFreeBytes.value,
};

/** Why there is no room for one more session; null: there is. The Mayor, whom a person talks to, always has a place (CT-13). */
export function roomFor({ role }: SessionWish, ceilings: PoolCeilings, sessions: number, freeBytes: number): Failure | null {
  if (role === 'mayor') return null;
  if (sessions >= ceilings.agents) return failure('runner_full', `The runner has ${sessions} agents, and holds ${ceilings.agents}.`);
  if (freeBytes >= ceilings.freeBytes) return null;
  return failure('runner_full', `The machine of the runner has ${Math.floor(freeBytes / 2 ** 20)} MB of free memory left.`);
}
