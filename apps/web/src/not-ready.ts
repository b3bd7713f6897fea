import type { BeadRow } from '@gastown/protocol';
import { columnOf, plannedBy, type BoardFilter } from './ordering.ts';
import { beadSign } from './signal.ts';

/** Open beads of a board on which nothing is ready, each counted once, by what a person would do about it. */
export interface NotReady {
  /** By rig; those of no rig under the empty name. */
  readonly planned: Readonly<Record<string, number>>;
  readonly inConvoys: number;
  readonly pausedConvoys: number;
  readonly putOff: number;
  readonly blocked: number;
  /** Notes, records, what another tool holds, and what is tried again later. */
  readonly held: number;
}
type Rows = ReadonlyMap<string | number, { readonly status: 'staged' | 'open' | 'landed' | 'cancelled'; readonly paused: boolean }>;
type Reason = Exclude<keyof NotReady, 'planned'>;

/** Null while something is ready, or no such board is asked for. */
export function notReady(beads: Iterable<BeadRow>, filter: BoardFilter, convoys: Rows): NotReady | null {
  if (!filter.ready) return null;
  const open = columnOf(beads, 'open', { ...filter, ready: false, archived: false }, convoys);
  if (open.some(({ ready }) => ready)) return null;
  const planned: Record<string, number> = {};
  const counts: Record<Reason, number> = { inConvoys: 0, pausedConvoys: 0, putOff: 0, blocked: 0, held: 0 };
  for (const bead of open) {
    const reason = reasonOf(bead, convoys);
    if (reason === 'planned') planned[bead.rigId ?? ''] = (planned[bead.rigId ?? ''] ?? 0) + 1;
    else counts[reason] += 1;
  }
  return { planned, ...counts };
}

/** The plan first, also of what is put off or blocked besides: nothing else would make it begin. */
function reasonOf(bead: BeadRow, convoys: Rows): keyof NotReady {
  const plan = plannedBy(bead, convoys);
  if (plan) return plan === 'itself' ? 'planned' : 'inConvoys';
  const { word } = beadSign(bead);
  if (word === 'Blocked') return 'blocked';
  if (bead.deferUntil !== null || word === 'Put off') return 'putOff';
  return convoys.get(bead.convoyId ?? '')?.paused ? 'pausedConvoys' : 'held';
}
