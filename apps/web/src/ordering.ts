import {
  type AgentRow,
  type AgentStatus,
  type BeadRow,
  type BeadStatus,
  IN_LINE,
  type LeftOut,
  type MergeRow,
  type Priority,
} from '@gastown/protocol';
import { isWork, plannedBy, type Convoys } from '@gastown/protocol/needs';
import { beadSign } from './signal.ts';

export { isWork, plannedBy, type Convoys };

/** The orders that lists keep. Rows never move for a reason that is not on the screen. */
const ACTIVE: Record<AgentStatus, number> = {
  working: 0,
  away: 0,
  waiting: 1,
  stalled: 1,
  starting: 2,
  idle: 3,
  exited: 4,
  failed: 4,
  dead: 4,
};
/** Active first: working, starting, idle, then exited and failed; ties by last activity (AG-17). */
export const byActivity = (a: AgentRow, b: AgentRow): number =>
  ACTIVE[a.status] - ACTIVE[b.status] || (b.lastActivityAt ?? 0) - (a.lastActivityAt ?? 0) || a.name.localeCompare(b.name);

const WEIGHT: Record<Priority, number> = { critical: 0, high: 1, medium: 2, low: 3 };
/** What agents take, then what is only planned, then what a person or another tool holds, then the records of that tool. */
const PLACE = { taken: 0, planned: 1, held: 2, record: 3 } as const;
function placeOf(bead: BeadRow, convoys: Convoys): number {
  if (bead.status !== 'open') return PLACE.taken;
  if (bead.hold === 'not_work') return PLACE.record;
  if (plannedBy(bead, convoys)) return PLACE.planned;
  return bead.hold !== null || standingOf(bead, convoys) === 'put by' ? PLACE.held : PLACE.taken;
}
const byPriority =
  (convoys: Convoys) =>
  (a: BeadRow, b: BeadRow): number =>
    placeOf(a, convoys) - placeOf(b, convoys) ||
    WEIGHT[a.priority] - WEIGHT[b.priority] ||
    a.createdAt - b.createdAt ||
    a.id.localeCompare(b.id);
const byNewest = (a: BeadRow, b: BeadRow): number => (b.closedAt ?? b.updatedAt) - (a.closedAt ?? a.updatedAt) || a.id.localeCompare(b.id);

export const COLUMNS = [
  { status: 'open', name: 'Open' },
  { status: 'in_progress', name: 'In progress' },
  { status: 'in_review', name: 'In review' },
  { status: 'closed', name: 'Closed' },
  { status: 'failed', name: 'Failed' },
] as const satisfies readonly { status: BeadStatus; name: string }[];

/** What a person may set a bead to: back to the agents, done, given up, or as it is. In progress and In review are the town's to set. */
export const settableFrom = (status: BeadStatus): readonly (typeof COLUMNS)[number][] =>
  COLUMNS.filter((column) => column.status === status || ['open', 'closed', 'failed'].includes(column.status));

/**
 * How an open bead stands: `queued` is only what the scheduler takes as soon as there is room, `held` what waits for the town, its rig, runner, convoy or
 * model to go on, `put by` what a person keeps as it is.
 */
export type Standing = 'queued' | 'waiting for you' | 'blocked' | 'planned' | 'held' | 'put by';
export function standingOf(bead: BeadRow, convoys: Convoys): Standing | null {
  if (bead.status !== 'open' || !isWork(bead)) return null;
  if (plannedBy(bead, convoys)) return 'planned';
  const code = bead.wait?.code;
  if (code && IN_LINE.has(code)) return 'queued';
  const { signal, word } = beadSign(bead);
  if (word === 'Blocked') return 'blocked';
  if (signal === 'waiting_for_you') return 'waiting for you';
  return signal === 'idle' ? 'put by' : 'held';
}
const STANDINGS: readonly Standing[] = ['queued', 'waiting for you', 'blocked', 'held', 'planned'];
/** `3 queued · 1 blocked`: what is open, told apart; what a person put by is not told. */
export function standingsOf(beads: Iterable<BeadRow>, convoys: Convoys): string[] {
  const found = [...beads].map((bead) => standingOf(bead, convoys));
  return STANDINGS.flatMap((standing) => {
    const count = found.filter((one) => one === standing).length;
    return count > 0 ? [`${count} ${standing}`] : [];
  });
}

/** What is being tested or landed stands before what waits. */
export const inQueue = (a: MergeRow, b: MergeRow): number =>
  Number(a.phase === 'queued') - Number(b.phase === 'queued') ||
  (a.position ?? Infinity) - (b.position ?? Infinity) ||
  a.createdAt - b.createdAt;

/** What the board shows; what is absent or empty does not matter. */
export interface BoardFilter {
  readonly rig?: string | undefined;
  readonly q?: string | undefined;
  readonly kind?: string | undefined;
  readonly label?: string | undefined;
  readonly convoy?: string | undefined;
  readonly ready?: boolean | undefined;
  readonly archived?: boolean | undefined;
}

export function columnOf(beads: Iterable<BeadRow>, status: BeadStatus, filter: BoardFilter, convoys: Convoys): BeadRow[] {
  const words = (filter.q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const found = [...beads].filter(
    (bead) =>
      bead.status === status &&
      bead.type === 'issue' &&
      (filter.archived || bead.archivedAt === null) &&
      (!filter.rig || bead.rigId === filter.rig) &&
      (!filter.convoy || bead.convoyId === filter.convoy) &&
      (!filter.ready || bead.ready) &&
      (!filter.kind || bead.kind === filter.kind) &&
      (!filter.label || bead.labels.includes(filter.label)) &&
      words.every((word) => `${bead.title} ${bead.id} ${bead.labels.join(' ')}`.toLowerCase().includes(word)),
  );
  return found.toSorted(status === 'closed' || status === 'failed' ? byNewest : byPriority(convoys));
}

/** Where a board begins that shows one column at a time: where a person left it, else the first that has beads. */
export function firstColumn(chosen: BeadStatus | null, counts: readonly number[]): number {
  const left = COLUMNS.findIndex(({ status }) => status === chosen);
  return left >= 0
    ? left
    : Math.max(
        0,
        counts.findIndex((count) => count > 0),
      );
}

/** Reads the ids of all columns, again and again; a column that did not change keeps its list, so that only the others are drawn. */
export function columnsReader(
  filter: BoardFilter,
): (beads: ReadonlyMap<string | number, BeadRow>, convoys: Convoys, older?: readonly BeadRow[]) => readonly BeadRow['id'][][] {
  let last: BeadRow['id'][][] = [];
  return (beads, convoys, older = []) => {
    const all = new Map<string | number, BeadRow>([...older.map((bead) => [bead.id, bead] as const), ...beads]);
    last = COLUMNS.map(({ status }, place) => {
      const ids = columnOf(all.values(), status, filter, convoys).map(({ id }) => id);
      const before = last[place];
      return before?.length === ids.length && before.every((id, at) => id === ids[at]) ? before : ids;
    });
    return last;
  };
}

/** May the town have closed beads of this filter that are not here? None of them is ready. */
export const mayBeBeyond = (filter: BoardFilter, leftOut: LeftOut): boolean =>
  !filter.ready && (leftOut.closed || (filter.archived === true && leftOut.archived));

/**
 * How many beads a column has, in figures and in words, and how many of them are only planned. Where older ones may not be loaded it claims no sum before the town has said
 * how many there are (`total`).
 */
export interface Figures {
  readonly figure: string;
  readonly words: string | null;
  readonly older: string | null;
}
export function countOf(
  shown: number,
  planned: number,
  status: BeadStatus,
  filter: BoardFilter,
  leftOut: LeftOut,
  total: number | null = null,
): Figures {
  const words = planned > 0 ? `${planned} planned` : null;
  if (status !== 'closed' || !mayBeBeyond(filter, leftOut)) return { figure: grouped(shown), words, older: null };
  if (total === null) return { figure: `${grouped(shown)}+`, words, older: null };
  const rest = total - shown;
  if (rest <= 0) return { figure: grouped(shown), words, older: null };
  const older = rest === 1 ? '1 older closed bead is not loaded.' : `${grouped(rest)} older closed beads are not loaded.`;
  return { figure: `${grouped(shown)} of ${grouped(total)}`, words, older };
}
const grouped = (count: number): string => count.toLocaleString('en');

/** The kinds and labels that the beads of the board have, for its filters. */
export function wordsOf(beads: Iterable<BeadRow>): { kinds: string[]; labels: string[] } {
  const kinds = new Set<string>();
  const labels = new Set<string>();
  for (const bead of beads) {
    if (bead.type !== 'issue') continue;
    kinds.add(bead.kind);
    for (const label of bead.labels) labels.add(label);
  }
  return { kinds: [...kinds].toSorted(), labels: [...labels].toSorted() };
}
