import type { AuditEvent } from '@gastown/protocol';

/**
 * The ledger, folded into what it says of the beads (I6, DM-8). Pure: events go in, oldest first.
 *
 * A status event has before and after. Every other column that an event changes is in its `data.set`; a bead begins as every new bead does, but for
 * what the `set` of its first event says. Events of versions before that have no `set`: then a column is not known until one says it.
 */
export interface LedgerEvent extends AuditEvent {
  readonly beadId: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Null: it cannot be read, and may have said anything. */
  readonly data: Readonly<Record<string, unknown>> | null;
}

const COLUMNS = [
  'title',
  'body',
  'rank',
  'rigId',
  'parentId',
  'assigneeId',
  'labels',
  'kind',
  'hold',
  'deferUntil',
  'archivedAt',
  'convoyId',
  'convoyPlace',
  'closedAt',
] as const;
export type Column = (typeof COLUMNS)[number];
export const REPLAYED: readonly Column[] = COLUMNS;
const PLACE: Readonly<Record<string, number>> = Object.fromEntries(COLUMNS.map((column, at) => [column, at]));

/** What the ledger says of the columns of one bead; a town may have a hundred thousand, so a place each and nothing more. */
class Known {
  readonly #values: unknown[] = COLUMNS.map(() => UNKNOWN);
  set(column: string, value: unknown): void {
    const place = PLACE[column];
    if (place !== undefined) this.#values[place] = value;
  }
  forget(column: Column): void {
    this.#values[PLACE[column]!] = UNKNOWN;
  }
  has(column: Column): boolean {
    return this.#values[PLACE[column]!] !== UNKNOWN;
  }
  get(column: Column): unknown {
    return this.#values[PLACE[column]!];
  }
}
const UNKNOWN = Symbol('not known');

export interface ReplayedBead {
  status: string;
  /** A column that is not here is not known. */
  readonly columns: Known;
  last: AuditEvent;
}
export interface ReplayedEdge {
  readonly beadId: string;
  readonly dependsOn: string;
  readonly type: string;
  readonly gate: string | null;
  readonly last: AuditEvent;
}
export interface Replay {
  readonly beads: ReadonlyMap<string, ReplayedBead>;
  readonly edges: ReadonlyMap<string, ReplayedEdge>;
  /** How many events were folded. */
  readonly events: number;
  take(event: LedgerEvent): void;
}

export const edgeName = (edge: Pick<ReplayedEdge, 'beadId' | 'dependsOn' | 'type'>): string =>
  `${edge.beadId} ${edge.type} ${edge.dependsOn}`;

const AS_EVERY_NEW_BEAD: readonly (readonly [Column, unknown])[] = [
  ['parentId', null],
  ['assigneeId', null],
  ['labels', []],
  ['kind', 'task'],
  ['hold', null],
  ['deferUntil', null],
  ['archivedAt', null],
  ['convoyId', null],
  ['convoyPlace', null],
];

export function openReplay(): Replay {
  const beads = new Map<string, ReplayedBead>();
  const edges = new Map<string, ReplayedEdge>();
  let events = 0;
  return {
    beads,
    edges,
    get events() {
      return events;
    },
    take(event) {
      events += 1;
      const said = event.data ?? {};
      const bead = beadAfter(beads.get(event.beadId), event);
      beads.set(event.beadId, bead);
      if (event.data === null) for (const column of COLUMNS) if (column !== 'closedAt') bead.columns.forget(column);
      tracked(edges, bead, event, record(said['set'])['convoyId']);
      for (const [column, value] of Object.entries(record(said['set']))) bead.columns.set(column, value);
      for (const edge of edgesOf(event, said)) {
        if (event.type === 'dependency_removed') edges.delete(edgeName(edge));
        else edges.set(edgeName(edge), edge);
      }
    },
  };
}

/** A bead that comes to a convoy, or leaves one, brings and takes the edge from there. */
function tracked(edges: Map<string, ReplayedEdge>, bead: ReplayedBead, event: LedgerEvent, convoyId: unknown): void {
  if (convoyId === undefined) return;
  const from = (beadId: unknown) => ({ beadId: String(beadId), dependsOn: event.beadId, type: 'tracks' });
  edges.delete(edgeName(from(bead.columns.get('convoyId'))));
  if (convoyId !== null) edges.set(edgeName(from(convoyId)), { ...from(convoyId), gate: null, last: bead.last });
}

function beadAfter(bead: ReplayedBead | undefined, event: LedgerEvent): ReplayedBead {
  const last = pointer(event);
  const next = bead ?? { status: event.after ?? '', columns: new Known(), last };
  if (!bead && event.data?.['set']) for (const [column, value] of AS_EVERY_NEW_BEAD) next.columns.set(column, value);
  if (event.after !== null) {
    next.status = event.after;
    next.columns.set('closedAt', event.after === 'closed' ? event.at : null);
  }
  next.last = last;
  return next;
}

/** An edge says itself in its own event; those that a bead begins with are told when it begins. */
function edgesOf(event: LedgerEvent, said: Readonly<Record<string, unknown>>): ReplayedEdge[] {
  const { type, beadId } = event;
  const last = pointer(event);
  if (type === 'dependency_added' || type === 'dependency_removed') {
    const [dependsOn, kind] = [String(said['dependsOn']), String(said['type'])];
    return [{ beadId, dependsOn, type: kind, gate: kind === 'waits-for' ? String(said['gate'] ?? 'all') : null, last }];
  }
  const blocks = Array.isArray(said['dependsOn']) ? said['dependsOn'].map(String) : [];
  const parent = typeof said['parent'] === 'string' ? [said['parent']] : [];
  return [
    ...blocks.map((dependsOn) => ({ beadId, dependsOn, type: 'blocks', gate: null, last })),
    ...parent.map((dependsOn) => ({ beadId, dependsOn, type: 'parent-child', gate: null, last })),
  ];
}

const pointer = ({ id, at, type, actor, cause }: LedgerEvent): AuditEvent => ({ id, at, type, actor, cause });
const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
