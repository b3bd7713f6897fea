import { scriptedRunner, testTown, type TestTown } from '@gastown/town/testing';
import type { Sql } from '@gastown/town';
import type { RigId } from '@gastown/protocol';

/** One bead of a filled town. `after`: places of the beads that block it (edges `blocks`). */
export interface Shape {
  readonly status?: 'open' | 'closed';
  readonly rank?: number;
  readonly kind?: string;
  readonly labels?: readonly string[];
  readonly after?: readonly number[];
  /** Place of its parent. */
  readonly parent?: number;
  readonly deferUntil?: number;
  readonly ephemeral?: boolean;
}
export interface Filled {
  readonly town: TestTown;
  readonly rigId: RigId;
  id(place: number): string;
}
/** The beads of a filled town were made a second apart, before its clock begins. */
export const BEGAN = 1_600_000_000_000;

/**
 * A connected town, paused, with `count` beads of the wished shapes. They are written straight into the tables, as the commands would have left them
 * (a test runs the invariant checkers over it): a hundred thousand commands would take minutes.
 */
export function filled(store: Sql, count: number, shape: (place: number) => Shape): Filled {
  const town = testTown({ store, check: false });
  const { rigId } = town.must<{ rigId: RigId }>({ kind: 'rig.add', name: 'app', gitUrl: 'https://example.test/app.git' });
  scriptedRunner(town).work();
  town.must({ kind: 'town.pause' });
  const shapes = Array.from({ length: count }, (_, place) => shape(place));
  shapes.forEach((one, place) => insert(store, rigId, one, place, shapes));
  return { town, rigId, id: idOf };
}
const idOf = (place: number): string => `gt-${place.toString(16).padStart(8, '0')}`;

function insert(sql: Sql, rigId: string, shape: Shape, place: number, shapes: readonly Shape[]): void {
  const id = idOf(place);
  const at = BEGAN + place * 1_000;
  const closed = shape.status === 'closed';
  const blockers = (shape.after ?? []).filter((other) => shapes[other]?.status !== 'closed').length;
  const parent = shape.parent === undefined ? undefined : shapes[shape.parent];
  sql.run(
    `INSERT INTO beads (id, type, status, title, body, rig_id, rank, labels, metadata, created_by, created_at, updated_at, closed_at,
       kind, blockers, blocked, defer_until, deferred_parents, ephemeral) VALUES (?,'issue',?,?,?,?,?,?,'{}','Ada',?,?,?,?,?,?,?,?,?)`,
    id,
    shape.status ?? 'open',
    `Bead ${place}`,
    `What has to be done for bead ${place}, said in a sentence or two.`,
    rigId,
    shape.rank ?? place % 4,
    JSON.stringify(shape.labels ?? []),
    at,
    at,
    closed ? at : null,
    shape.kind ?? 'task',
    blockers,
    !closed && blockers > 0 ? 1 : 0,
    shape.deferUntil ?? null,
    parent?.deferUntil === undefined ? 0 : 1,
    shape.ephemeral ? 1 : 0,
  );
  sql.run('INSERT INTO issues (bead_id) VALUES (?)', id);
  const edges = [
    ...(shape.after ?? []).map((other) => [other, 'blocks'] as const),
    ...(shape.parent === undefined ? [] : [[shape.parent, 'parent-child'] as const]),
  ];
  for (const [other, type] of edges) sql.run('INSERT INTO dependencies (bead_id, depends_on, type) VALUES (?,?,?)', id, idOf(other), type);
  const dependsOn = (shape.after ?? []).map(idOf);
  event(sql, id, at, null, 'open', {
    title: `Bead ${place}`,
    ...(dependsOn.length > 0 && { dependsOn }),
    ...(shape.parent !== undefined && { parent: idOf(shape.parent) }),
  });
  if (closed) event(sql, id, at, 'open', 'closed', {});
}
function event(sql: Sql, id: string, at: number, before: string | null, after: string, data: object): void {
  sql.run(
    `INSERT INTO bead_events (at, type, bead_id, actor, actor_kind, cause, before, after, data) VALUES (?,?,?,'Ada','person','bead.create',?,?,?)`,
    at,
    before === null ? 'created' : 'closed',
    id,
    before,
    after,
    JSON.stringify(data),
  );
}
