import type { LinesWanted } from '@gastown/protocol';

export interface ImportWish {
  readonly rig: string;
  readonly dryRun: boolean;
  readonly start: boolean;
  readonly lines?: LinesWanted;
}
/** A look is asked again for what its answer left out. What was brought in is the same then: its one answer carries as many lines as it can. */
export const importQuery = ({ rig, dryRun, start, lines }: ImportWish): URLSearchParams =>
  new URLSearchParams({
    rig,
    ...(dryRun ? { dry_run: '1' } : { all: '1' }),
    ...(start && { start: '1' }),
    ...(lines && { after: String(lines.after), ...(lines.only && { only: lines.only }) }),
  });
