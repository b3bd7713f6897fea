import { explainConvoy, type BeadRow, type ConvoyRow, type TownRow } from '@gastown/protocol';
import { openOf } from '@gastown/protocol/needs';
import type { Sign } from './signal.ts';

export { openOf };

/** The state of a convoy: what its own status says, then what its beads say, then what holds the town. `planned`: its beads that wait for a start of their own. */
export function convoySign(convoy: ConvoyRow, town?: Pick<TownRow, 'paused' | 'stopped'>, planned = 0): Sign {
  if (convoy.status === 'landed') return { signal: 'idle', word: 'Landed', done: true };
  if (convoy.status === 'cancelled') return { signal: 'idle', word: 'Cancelled' };
  if (convoy.status === 'staged') return { signal: 'idle', word: 'Planned' };
  if (convoy.failed > 0) return { signal: 'waiting_for_you', word: convoy.paused ? 'Paused, blocked' : 'Blocked' };
  if (convoy.paused) return { signal: 'idle', word: 'Paused' };
  if (convoy.wait?.code === 'needs_person') return { signal: 'waiting_for_you', word: 'Empty' };
  if (town?.paused) return { signal: 'idle', word: town.stopped ? 'Town stopped' : 'Town paused' };
  if (allPlanned(convoy, planned)) return { signal: 'idle', word: 'Beads planned' };
  return convoy.total > convoy.closed ? { signal: 'working', word: 'On its way' } : { signal: 'idle', word: 'Open' };
}

const allPlanned = (convoy: ConvoyRow, planned: number): boolean =>
  convoy.status === 'open' && openOf(convoy) > 0 && planned >= openOf(convoy);

/** Why it does not move, in full: one that is paused may be blocked too, which is what the town tells. Null: it moves, or is over. */
export function convoyWhy(convoy: ConvoyRow, bead: (id: string) => BeadRow | undefined, planned = 0): string | null {
  if (isOver(convoy)) return null;
  const said = explainConvoy(convoy, bead);
  if (said !== null && convoy.paused && convoy.failed > 0) return `Paused; ${said[0]!.toLowerCase()}${said.slice(1)}`;
  return said ?? (allPlanned(convoy, planned) ? 'Its beads are planned: nothing of it begins before you start them.' : null);
}

/** What ends with a convoy that is closed before its time: what is open is closed with it, what failed stays failed. */
export function closeWords(convoy: Pick<ConvoyRow, 'total' | 'closed' | 'failed'>): string {
  const left = [openOf(convoy) > 0 && `${openOf(convoy)} open`, convoy.failed > 0 && `${convoy.failed} failed`].filter(Boolean);
  return left.length === 0
    ? 'Close it?'
    : `Close it with ${left.join(' and ')} ${openOf(convoy) + convoy.failed === 1 ? 'bead' : 'beads'}?`;
}
export const isOver = ({ status }: ConvoyRow): boolean => status === 'landed' || status === 'cancelled';

const ORDER = { open: 0, staged: 1, landed: 2, cancelled: 3 } as const;
/** What moves first, then what is planned, then what is over; the newest first. */
export const byConvoy = (a: ConvoyRow, b: ConvoyRow): number =>
  ORDER[a.status] - ORDER[b.status] || (b.landedAt ?? b.createdAt) - (a.landedAt ?? a.createdAt) || a.id.localeCompare(b.id);

const FIRST = new Set(['blocks', 'conditional-blocks']);
/**
 * The beads of a convoy in the order in which they can be done: each wave waits for beads of the waves before it only. Within a wave they keep their
 * place. A circle cannot be made in the town; if one came in by an import, what is left stands in the last wave.
 */
export function wavesOf(beads: readonly BeadRow[]): BeadRow[][] {
  const inside = new Set<string>(beads.map(({ id }) => id));
  const placed = new Set<string>();
  const waves: BeadRow[][] = [];
  let left = [...beads].toSorted((a, b) => (a.convoyPlace ?? Infinity) - (b.convoyPlace ?? Infinity) || a.createdAt - b.createdAt);
  while (left.length > 0) {
    const free = left.filter((bead) => bead.dependsOn.every(({ id, type }) => !FIRST.has(type) || !inside.has(id) || placed.has(id)));
    const wave = free.length > 0 ? free : left;
    waves.push(wave);
    for (const { id } of wave) placed.add(id);
    left = left.filter(({ id }) => !placed.has(id));
  }
  return waves;
}

/** What is told of a new convoy that is not planned; `planned`: those of its beads that wait for a start of their own. */
export const createdWords = (planned: number): string =>
  planned === 0 ? 'Convoy started' : `Convoy started; ${planned} of its beads ${planned === 1 ? 'is' : 'are'} still planned`;

/** One title a line; empty lines and the signs of a list are left out. */
export const titlesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim().replace(/^(?:[-*+]|\d+[.)])\s+/, ''))
    .filter(Boolean);
