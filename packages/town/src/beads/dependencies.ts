import { failure, ok, refuse, type BeadId, type DependencyType, type Result } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { record } from '../ledger/store.ts';
import { first, idList, text } from '../sql.ts';
import type { Tx } from '../tx.ts';
import { addBlockers, beadsById, findBead, touchBead, type Bead } from './store.ts';

/** Edges between beads. `blocks` edges are acyclic (I12) and feed `beads.blockers`, which counts those that are not closed. */
export interface Edge {
  readonly beadId: BeadId;
  readonly dependsOn: BeadId;
  readonly type: DependencyType;
}
const edges = (rows: ReturnType<Sql['all']>): Edge[] =>
  rows.map((row) => ({
    beadId: text(row, 'bead_id') as BeadId,
    dependsOn: text(row, 'depends_on') as BeadId,
    type: text(row, 'type') as DependencyType,
  }));

export const edgesOf = (sql: Sql, ids: Iterable<string>): Edge[] =>
  edges(sql.all('SELECT * FROM dependencies WHERE bead_id IN (SELECT value FROM json_each(?))', idList(ids)));
export const blockedBy = (sql: Sql, beadId: string): string[] =>
  sql.all(`SELECT bead_id FROM dependencies WHERE depends_on = ? AND type = 'blocks'`, beadId).map((row) => text(row, 'bead_id'));
export const allEdges = (sql: Sql): Edge[] => edges(sql.all('SELECT * FROM dependencies'));

/** Is `wanted` among what `from` waits for, directly or not? */
const reaches = (sql: Sql, from: string, wanted: string): boolean =>
  first(
    sql,
    `WITH RECURSIVE up (id) AS (SELECT ? UNION SELECT d.depends_on FROM up JOIN dependencies d ON d.bead_id = up.id AND d.type = 'blocks')
     SELECT 1 AS found FROM up WHERE id = ?`,
    from,
    wanted,
  ) !== undefined;

/** Every id exists and is work, or the refusal that names the first one that is not. */
export function dependenciesExist(sql: Sql, ids: readonly string[]): Result<Bead[]> {
  const found = beadsById(sql, ids).filter((bead) => bead.type === 'issue');
  const missing = ids.find((id) => !found.some((bead) => bead.id === id));
  return missing ? refuse(failure('unknown_bead', `There is no bead ${missing} to depend on.`, { beadId: missing })) : ok(found);
}

export function insertEdges(tx: Tx, beadId: string, dependsOn: readonly string[], type: DependencyType): void {
  for (const id of dependsOn) tx.sql.run('INSERT OR IGNORE INTO dependencies (bead_id, depends_on, type) VALUES (?,?,?)', beadId, id, type);
}

export function addDependency(tx: Tx, beadId: string, dependsOn: string, type: DependencyType): Result<{ beadId: string }> {
  const bead = findBead(tx.sql, beadId);
  if (!bead || bead.type !== 'issue') return refuse(failure('unknown_bead', `There is no bead ${beadId}.`));
  if (beadId === dependsOn) return refuse(failure('self_dependency'));
  const known = dependenciesExist(tx.sql, [dependsOn]);
  if (!known.ok) return known;
  if (edgesOf(tx.sql, [beadId]).some((edge) => edge.dependsOn === dependsOn && edge.type === type)) return ok({ beadId });
  if (type === 'blocks' && reaches(tx.sql, dependsOn, beadId)) {
    return refuse(failure('dependency_cycle', `${dependsOn} already waits for ${beadId}.`, { beadId, dependsOn }));
  }
  insertEdges(tx, beadId, [dependsOn], type);
  if (type === 'blocks' && known.value[0]?.status !== 'closed') addBlockers(tx, [beadId], 1);
  record(tx, { type: 'dependency_added', beadId, data: { dependsOn, type } });
  touchBead(tx, beadId);
  return ok({ beadId });
}

export function removeDependency(tx: Tx, beadId: string, dependsOn: string, type: DependencyType): Result<{ beadId: string }> {
  if (!findBead(tx.sql, beadId)) return refuse(failure('unknown_bead', `There is no bead ${beadId}.`));
  if (type === 'tracks') return refuse(failure('forbidden', 'A `tracks` edge belongs to the town and cannot be removed.'));
  if (!edgesOf(tx.sql, [beadId]).some((edge) => edge.dependsOn === dependsOn && edge.type === type)) return ok({ beadId });
  tx.sql.run('DELETE FROM dependencies WHERE bead_id = ? AND depends_on = ? AND type = ?', beadId, dependsOn, type);
  if (type === 'blocks' && findBead(tx.sql, dependsOn)?.status !== 'closed') addBlockers(tx, [beadId], -1);
  record(tx, { type: 'dependency_removed', beadId, data: { dependsOn, type } });
  touchBead(tx, beadId);
  return ok({ beadId });
}
