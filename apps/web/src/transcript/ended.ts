import type { AgentRow, Failure, RunRow, TranscriptItem } from '@gastown/protocol';

/** Why the agent's last session ended before its work did: said at the end of what it said, unless that says so itself (I10). */
export function cutShort(agent: AgentRow, runs: Iterable<RunRow>, items: readonly TranscriptItem[]): Failure | null {
  if (agent.runId !== null) return null;
  let last: RunRow | undefined;
  for (const run of runs) if (run.agentId === agent.id && (!last || run.startedAt >= last.startedAt)) last = run;
  const failure = last?.failure ?? null;
  const isTold = items.some((item) => item.kind === 'notice' && item.runId === last?.id && item.code === failure?.code);
  return isTold ? null : failure;
}
