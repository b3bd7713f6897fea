import type { AgentRow, BeadRow, RunRow, TranscriptItem } from '@gastown/protocol';
import { followsRun } from '../follows.ts';

interface CutShort {
  /** Null: the transcript itself tells it. */
  readonly why: string | null;
  readonly next: string;
}

/** Why the agent's last session ended before its work did, and what to do: said at the end of what it said (I10). */
export function cutShort(
  agent: AgentRow,
  runs: Iterable<RunRow>,
  items: readonly TranscriptItem[],
  beads?: ReadonlyMap<string | number, BeadRow>,
): CutShort | null {
  if (agent.runId !== null) return null;
  const all = [...runs];
  let last: RunRow | undefined;
  for (const run of all) if (run.agentId === agent.id && (!last || run.startedAt >= last.startedAt)) last = run;
  if (!last?.failure) return null;
  const { id, failure } = last;
  const isTold = items.some((item) => item.kind === 'notice' && item.runId === id && item.code === failure.code);
  const ofBead = all.filter((run) => run.beadId !== null && run.beadId === last.beadId).toSorted((a, b) => b.startedAt - a.startedAt);
  return {
    why: isTold ? null : failure.message,
    next: followsRun(last, failure, beads?.get(last.beadId ?? ''), ofBead[0]?.id ?? null),
  };
}
