import { LIMITS, type AgentRow, type EventRow, type RunRow } from '@gastown/protocol';

/** When a town at rest goes to sleep, as far as the page sees; null while something is to be done (CT-7). A terminal does not change it (CT-9). */
export function sleepsAt(runs: Iterable<RunRow>, agents: Iterable<AgentRow>, events: Iterable<EventRow>): number | null {
  let last = 0;
  for (const run of runs) {
    if (run.state !== 'ended' && (run.state !== 'idle' || run.beadId !== null)) return null;
    last = Math.max(last, run.startedAt, run.endedAt ?? 0);
  }
  for (const { lastActivityAt } of agents) last = Math.max(last, lastActivityAt ?? 0);
  for (const { at } of events) last = Math.max(last, at);
  return last === 0 ? null : last + LIMITS.mayorIdleStopMs.value;
}
