import { failure, ok, refuse, type BeadId, type ChildrenGate, type DependencyType, type Failure, type Result } from '@gastown/protocol';
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
/** What holds a part's whole holds the part: over both kinds of edges nothing may wait for itself. */
const HOLDING: readonly string[] = [...ORDERING, 'parent-child'];
/** Edges of these types may not close a circle: order, and the tree. */
const kin = (type: DependencyType): readonly string[] | null =>
  ORDERING.includes(type) ? ORDERING : type === 'parent-child' ? [type] : null;

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

/** Every id exists and is work, or the refusal that names the first one that is not. */
export function dependenciesExist(sql: Sql, ids: readonly string[]): Result<Bead[]> {
  if (ids.length === 0) return ok([]);
  const found = beadsById(sql, ids).filter((bead) => bead.type === 'issue');
  const missing = ids.find((id) => !found.some((bead) => bead.id === id));
  return missing ? refuse(failure('unknown_bead', `There is no bead ${missing} to depend on.`, { beadId: missing })) : ok(found);
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
  const known = isExternal(dependsOn) ? ok([]) : dependenciesExist(tx.sql, [dependsOn]);
  if (!known.ok) return known;
  const there = edgesOf(tx.sql, [beadId]).find((edge) => edge.dependsOn === dependsOn && edge.type !== 'tracks');
  if (there?.type === type) return ok({ beadId });
  if (there)
    return refuse(
      failure('dependency_exists', `${beadId} already depends on ${dependsOn} by ${there.type}.`, { beadId, dependsOn, type: there.type }),
    );
  const types = kin(type);
  if (types && reaches(tx.sql, dependsOn, beadId, HOLDING)) return refuse(circle(tx, wish, types));
  insertEdge(tx, { beadId, dependsOn, type, gate: type === 'waits-for' ? (wish.gate ?? 'all') : null });
  edgeChanged(tx, { beadId, dependsOn, type }, known.value[0] ?? null, 1);
  record(tx, { type: 'dependency_added', beadId, data: { dependsOn, type, ...(wish.gate && { gate: wish.gate }) } });
  return ok({ beadId });
}

function circle({ sql }: Tx, { beadId, dependsOn, type }: Wish, types: readonly string[]): Failure {
  const message = reaches(sql, dependsOn, beadId, types)
    ? `${dependsOn} already ${type === 'parent-child' ? 'is a part of' : 'waits for'} ${beadId}.`
    : `Neither could start: a part waits with what it is a part of, and so ${dependsOn} already waits for ${beadId}.`;
  return failure('dependency_cycle', message, { beadId, dependsOn });
}

export function removeDependency(tx: Tx, { beadId, dependsOn, type }: Wish): Result<{ beadId: BeadId }> {
  if (!findBead(tx.sql, beadId)) return refuse(failure('unknown_bead', `There is no bead ${beadId}.`, { beadId }));
  if (type === 'tracks') return refuse(failure('forbidden', 'A `tracks` edge belongs to the town and cannot be removed.'));
  if (!edgesOf(tx.sql, [beadId]).some((edge) => edge.dependsOn === dependsOn && edge.type === type)) return ok({ beadId });
  tx.sql.run('DELETE FROM dependencies WHERE bead_id = ? AND depends_on = ? AND type = ?', beadId, dependsOn, type);
  edgeChanged(tx, { beadId, dependsOn, type }, findBead(tx.sql, dependsOn), -1);
  record(tx, { type: 'dependency_removed', beadId, data: { dependsOn, type } });
  return ok({ beadId });
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
