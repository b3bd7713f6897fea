import type { MergeRow, RunRow } from '@gastown/protocol';
import { useSelect } from '../replica/hooks.ts';

/** The run of a bead that began last. */
export const useNewestRun = (beadId: string | null | undefined): RunRow['id'] | null =>
  useSelect(
    ['runs'],
    (replica) =>
      [...replica.rows('runs').values()].filter((run) => beadId && run.beadId === beadId).toSorted((a, b) => b.startedAt - a.startedAt)[0]
        ?.id ?? null,
    [beadId],
  );

/** What became of the work that a run handed in. */
export const useMergeOfRun = (runId: string): MergeRow | undefined =>
  useSelect(['merges'], (replica) => [...replica.rows('merges').values()].find((merge) => merge.runId === runId), [runId]);
