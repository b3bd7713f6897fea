import { nextStep, type AgentRow, type RunRow, type TranscriptItem } from '@gastown/protocol';

interface CutShort {
  /** Null: the transcript itself tells it. */
  readonly why: string | null;
  readonly next: string;
}

/** Why the agent's last session ended before its work did, and what to do: said at the end of what it said (I10). */
export function cutShort(agent: AgentRow, runs: Iterable<RunRow>, items: readonly TranscriptItem[]): CutShort | null {
  if (agent.runId !== null) return null;
  let last: RunRow | undefined;
  for (const run of runs) if (run.agentId === agent.id && (!last || run.startedAt >= last.startedAt)) last = run;
  if (!last?.failure) return null;
  const { id, failure } = last;
  const isTold = items.some((item) => item.kind === 'notice' && item.runId === id && item.code === failure.code);
  return { why: isTold ? null : failure.message, next: nextStep(failure) };
}
