import type { BeadRow, ConvoyRow } from '../index.ts';

/** Work that people think of as beads: not the messages, merges, agents and escalations that are beads too (DM-1). */
export const isWork = (bead: BeadRow): boolean => bead.type === 'issue' && bead.archivedAt === null;
export type Convoys = ReadonlyMap<string | number, Pick<ConvoyRow, 'status'>>;
/**
 * The one rule of what is planned, for every number and mark of the page: open work to which nothing happens before a person starts it (or its rig: `itself`), or the
 * convoy that it is in. It may wait for other beads as well; that is told where it is opened.
 */
export function plannedBy(bead: BeadRow, convoys: Convoys): 'itself' | 'convoy' | null {
  if (bead.status !== 'open' || !isWork(bead)) return null;
  if (bead.hold === 'staged') return 'itself';
  return bead.wait?.code === 'staged' || convoys.get(bead.convoyId ?? '')?.status === 'staged' ? 'convoy' : null;
}

/** How much of a convoy that is not started begins with its start: its open beads, `plannedBy` them all. */
export const openOf = ({ total, closed, failed }: Pick<ConvoyRow, 'total' | 'closed' | 'failed'>): number => total - closed - failed;
