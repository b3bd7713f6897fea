import { explainAway, type RunRow } from '@gastown/protocol';
import { Hourglass } from 'lucide-react';
import { useRow } from '../replica/hooks.ts';

/** The Mayor has no work in line (MS-9). */
const MESSAGE = 'what it was told goes to its next session';

/** Why nothing is heard of a run, and what happens next (I10). */
export function RunnerAway({ run }: { run: Pick<RunRow, 'away' | 'runnerId' | 'beadId'> }) {
  const runner = useRow('runners', run.runnerId);
  if (!run.away) return null;
  return (
    <p className="flex min-h-10 items-center gap-3 rounded-lg bg-sunken px-3 py-1.5 text-sm text-muted">
      <Hourglass size={14} className="shrink-0" aria-hidden />
      <span className="min-w-0 [overflow-wrap:anywhere]">{explainAway(run.away, runner, run.beadId === null ? MESSAGE : undefined)}</span>
    </p>
  );
}
