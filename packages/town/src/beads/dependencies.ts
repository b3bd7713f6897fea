import { failure, ok, refuse, type BeadId, type ChildrenGate, type DependencyType, type Result } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { record } from '../ledger/store.ts';
import { first, idList, text, textOrNull } from '../sql.ts';
import type { Tx } from '../tx.ts';
import { addBlockers, holdsBy, partsChanged, recountDeferredParents, recountWaits, refreshBlocked } from './blocking.ts';
import { beadsById, findBead, touchBead, type Bead } from './store.ts';

/** Edges between beads. Those that order work are acyclic (I12); what they hold up is kept by blocking.ts. */
export interface Edge {
  readonly beadId: BeadId;
  /** A bead, or `external:…`, which holds until a person removes the edge. */
  readonly dependsOn: string;
  readonly type: DependencyType;
  readonly gate: ChildrenGate | null;
}
const edges = (rows: ReturnType<Sql['all']>): Edge[] =>
  rows.map((row) => ({
    beadId: text(row, 'bead_id') as BeadId,
    dependsOn: text(row, 'depends_on'),
    type: text(row, 'type'),
    gate: textOrNull(row, 'gate') as ChildrenGate | null,
  }));

export const edgesOf = (sql: Sql, ids: Iterable<string>): Edge[] =>
  edges(sql.all('SELECT * FROM dependencies WHERE bead_id IN (SELECT value FROM json_each(?))', idList(ids)));
export const allEdges = (sql: Sql): Edge[] => edges(sql.all('SELECT * FROM dependencies'));

export const isExternal = (id: string): boolean => id.startsWith('external:');
const ORDERING: readonly string[] = ['blocks', 'conditional-blocks'];
/** Is `wanted` among what `from` reaches over edges of these types? Each bead is looked at once, however many ways lead to it. */
const reaches = (sql: Sql, from: string, wanted: string, types: readonly string[]): boolean =>
  first(
    sql,
    `WITH RECURSIVE up (id) AS (
       SELECT ? UNION SELECT d.depends_on FROM up CROSS JOIN dependencies d ON d.bead_id = up.id AND d.type IN (SELECT value FROM json_each(?))
     ) SELECT 1 AS found FROM up WHERE id = ?`,
    from,
    idList(types),
    wanted,
  ) !== undefined;

/** What a bead waits for in the end: what its edges name; what holds its whole, for that holds the part; and of a bead for whose parts it waits, these. */
const AWAITS = `SELECT CASE d.type WHEN 'waits-for' THEN part.bead_id ELSE d.depends_on END
  FROM up CROSS JOIN dependencies d ON d.bead_id = up.id AND d.type IN ('blocks', 'conditional-blocks', 'parent-child', 'waits-for')
  LEFT JOIN dependencies part ON d.type = 'waits-for' AND part.depends_on = d.depends_on AND part.type = 'parent-child'`;
/** Whether any of `from` waits for any of `wanted` in the end, or is one. */
const awaits = (sql: Sql, from: readonly string[], wanted: readonly string[]): boolean =>
  from.length > 0 &&
  wanted.length > 0 &&
  first(
    sql,
    `WITH RECURSIVE up (id) AS (SELECT value FROM json_each(?) UNION ${AWAITS})
     SELECT 1 AS found FROM up WHERE id IN (SELECT value FROM json_each(?)) LIMIT 1`,
    idList(from),
    idList(wanted),
  ) !== undefined;
const partsOf = (sql: Sql, id: string): string[] =>
  sql.all(`SELECT bead_id FROM dependencies WHERE depends_on = ? AND type = 'parent-child'`, id).map((row) => text(row, 'bead_id'));
const waitersFor = (sql: Sql, id: string): string[] =>
  sql.all(`SELECT bead_id FROM dependencies WHERE depends_on = ? AND type = 'waits-for'`, id).map((row) => text(row, 'bead_id'));

/** Would a new part of `whole` wait for somebody who waits for its parts? `from`: what the part waits for. */
export const newPartAwaits = (sql: Sql, from: readonly string[], whole: string): boolean => awaits(sql, from, waitersFor(sql, whole));

/** How this edge would make something wait for itself (I12), or null. */
function circleOf(sql: Sql, { beadId, dependsOn, type }: Wish): string | null {
  if (type === 'waits-for')
    return awaits(sql, partsOf(sql, dependsOn), [beadId])
      ? `Neither could start: a part of ${dependsOn} already waits for ${beadId}.`
      : null;
  const kin = ORDERING.includes(type) ? ORDERING : type === 'parent-child' ? [type] : null;
  if (!kin) return null;
  if (awaits(sql, [dependsOn], [beadId]))
    return reaches(sql, dependsOn, beadId, kin)
      ? `${dependsOn} already ${type === 'parent-child' ? 'is a part of' : 'waits for'} ${beadId}.`
      : `Neither could start: ${dependsOn} already waits for ${beadId}, by way of a whole or of its parts.`;
  return type === 'parent-child' && newPartAwaits(sql, [beadId, dependsOn], dependsOn)
    ? `Neither could start: it would wait for a bead that waits for the parts of ${dependsOn}.`
    : null;
}

/** Every id exists and is work, or the refusal that names the first one that is not. */
export function dependenciesExist(sql: Sql, ids: readonly string[]): Result<Bead[]> {
  if (ids.length === 0) return ok([]);
  const found = beadsById(sql, ids).filter((bead) => bead.type === 'issue');
  const missing = ids.find((id) => !found.some((bead) => bead.id === id));
  return missing ? refuse(failure('unknown_bead', `There is no bead ${missing}.`, { beadId: missing })) : ok(found);
}

export function insertEdge(tx: Tx, edge: Edge): void {
  tx.sql.run(
    'INSERT OR IGNORE INTO dependencies (bead_id, depends_on, type, gate) VALUES (?,?,?,?)',
    edge.beadId,
    edge.dependsOn,
    edge.type,
    edge.gate,
  );
}
export const insertEdges = (tx: Tx, beadId: BeadId, dependsOn: readonly string[], type: DependencyType): void =>
  dependsOn.forEach((id) => insertEdge(tx, { beadId, dependsOn: id, type, gate: null }));

export interface Wish {
  readonly beadId: BeadId;
  readonly dependsOn: string;
  readonly type: DependencyType;
  readonly gate?: ChildrenGate | undefined;
}
/** The same again is the same (DM-10); one edge between two beads, so another type is refused. */
export function addDependency(tx: Tx, wish: Wish): Result<{ beadId: BeadId }> {
  const { beadId, dependsOn, type } = wish;
  const bead = findBead(tx.sql, beadId);
  if (!bead || bead.type !== 'issue') return refuse(failure('unknown_bead', `There is no bead ${beadId}.`, { beadId }));
  if (type === 'tracks') return refuse(failure('forbidden', 'A `tracks` edge belongs to the town: add the bead to the convoy instead.'));
  if (beadId === dependsOn) return refuse(failure('self_dependency'));
  const known = dependenciesExist(tx.sql, isExternal(dependsOn) ? [] : [dependsOn]);
  if (!known.ok) return known;
  const there = edgesOf(tx.sql, [beadId]).find((edge) => edge.dependsOn === dependsOn && edge.type !== 'tracks');
  if (there?.type === type) return ok({ beadId });
  if (there)
    return refuse(
      failure('dependency_exists', `${beadId} already depends on ${dependsOn} by ${there.type}.`, { beadId, dependsOn, type: there.type }),
    );
  const circle = circleOf(tx.sql, wish);
  if (circle) return refuse(failure('dependency_cycle', circle, { beadId, dependsOn }));
  const gate = type === 'waits-for' ? (wish.gate ?? 'all') : null;
  insertEdge(tx, { beadId, dependsOn, type, gate });
  edgeChanged(tx, { beadId, dependsOn, type }, known.value[0] ?? null, 1);
  record(tx, { type: 'dependency_added', beadId, data: { dependsOn, type, ...(gate && { gate }) } });
  return ok({ beadId });
}

export function removeDependency(tx: Tx, { beadId, dependsOn, type }: Wish): Result<{ beadId: BeadId; changed: boolean }> {
  if (!findBead(tx.sql, beadId)) return refuse(failure('unknown_bead', `There is no bead ${beadId}.`, { beadId }));
  if (type === 'tracks') return refuse(failure('forbidden', 'A `tracks` edge belongs to the town and cannot be removed.'));
  if (!edgesOf(tx.sql, [beadId]).some((edge) => edge.dependsOn === dependsOn && edge.type === type)) return ok({ beadId, changed: false });
  tx.sql.run('DELETE FROM dependencies WHERE bead_id = ? AND depends_on = ? AND type = ?', beadId, dependsOn, type);
  edgeChanged(tx, { beadId, dependsOn, type }, findBead(tx.sql, dependsOn), -1);
  record(tx, { type: 'dependency_removed', beadId, data: { dependsOn, type } });
  return ok({ beadId, changed: true });
}

/** What an edge that came or went changes for those it ties. */
function edgeChanged(tx: Tx, { beadId, dependsOn, type }: Omit<Wish, 'gate'>, target: Bead | null, change: 1 | -1): void {
  touchBead(tx, beadId);
  if (ORDERING.includes(type)) {
    const holds = target ? holdsBy(type, target) : isExternal(dependsOn);
    if (!holds) return;
    addBlockers(tx, [beadId], change);
    return refreshBlocked(tx, [beadId]);
  }
  if (type === 'waits-for') return refreshBlocked(tx, recountWaits(tx, [beadId]));
  if (type !== 'parent-child') return;
  if (target && target.deferUntil !== null) recountDeferredParents(tx, [beadId]);
  refreshBlocked(tx, [beadId, ...partsChanged(tx, [dependsOn])]);
}
