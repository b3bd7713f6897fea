import type { RunRow, TranscriptItem } from '@gastown/protocol';

/**
 * The tool calls that still count as running though nobody can tell any more how they end: their run is over, or their turn. So it is where a machine was lost in the
 * midst of a call. A run whose row is not held is over once another speaks after it.
 */
export function cutOff(items: readonly TranscriptItem[], runs: ReadonlyMap<string | number, Pick<RunRow, 'endedAt'>>): ReadonlySet<string> {
  const cut = new Set<string>();
  const turnsOver = new Set<string>();
  const newest = items.at(-1)?.runId;
  for (const item of items.toReversed()) {
    if (item.kind === 'turn_end') turnsOver.add(item.runId);
    if (item.kind !== 'tool' || item.state !== 'running') continue;
    const run = runs.get(item.runId);
    const isRunOver = run ? run.endedAt !== null : item.runId !== newest;
    if (isRunOver || turnsOver.has(item.runId)) cut.add(item.id);
  }
  return cut;
}
