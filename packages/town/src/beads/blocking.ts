import type { BeadStatus, Hold } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { first, flag, idList, int, text } from '../sql.ts';
import type { Tx } from '../tx.ts';
import { touchBead } from './store.ts';

/**
 * The blocked set, kept on write: `beads.blockers` and `beads.waits` count what holds a bead directly, `beads.blocked` is the least fixpoint of
 * that over `parent-child` (design/core.md §1). Every change of a status, a hold or an edge comes through here; the rest of the core only reads.
 */
export interface State {
  readonly status: BeadStatus;
  readonly hold: Hold | null;
}
const isActive = ({ status, hold }: State): boolean => status !== 'closed' && hold !== 'pinned';
/** Does a dependency of this type on a bead in this state hold its dependant? A failed bead does, but for one that waits for an outcome. */
export const holdsBy = (type: string, state: State): boolean =>
  isActive(state) && (type === 'blocks' || (type === 'conditional-blocks' && state.status !== 'failed'));
const ACTIVE = `status <> 'closed' AND hold IS NOT 'pinned'`;

interface Tie {
  readonly id: string;
  readonly type: string;
}
const ties = (rows: ReturnType<Sql['all']>): Tie[] => rows.map((row) => ({ id: text(row, 'id'), type: text(row, 'type') }));
/** Who depends on this bead by an edge that may hold it, and (type `up`) which beads it is a part of. */
const around = (sql: Sql, id: string): Tie[] =>
  ties(
    sql.all(
      `SELECT bead_id AS id, type FROM dependencies WHERE depends_on = ? AND type IN ('blocks', 'conditional-blocks')
       UNION ALL SELECT depends_on, 'up' FROM dependencies WHERE bead_id = ? AND type = 'parent-child'`,
      id,
      id,
    ),
  );
const waitersOn = (sql: Sql, parents: readonly string[]): string[] =>
  parents.length === 0
    ? []
    : sql
        .all(
          `SELECT DISTINCT bead_id FROM dependencies WHERE depends_on IN (SELECT value FROM json_each(?)) AND type = 'waits-for'`,
          idList(parents),
        )
        .map((row) => text(row, 'bead_id'));

/** Its status or hold changed: those it held directly count it no more, or again; then the tree follows. */
export function stateChanged(tx: Tx, id: string, before: State, after: State, counted: { blockers: number; waits: number }): void {
  const shows = isActive(before) !== isActive(after) || (before.status === 'failed') !== (after.status === 'failed');
  if (!shows) return;
  const found = around(tx.sql, id);
  const held = found.filter(({ type }) => type !== 'up');
  const changed: string[] = [];
  for (const type of ['blocks', 'conditional-blocks']) {
    const change = Number(holdsBy(type, after)) - Number(holdsBy(type, before));
    const dependants = held.filter((tie) => tie.type === type).map((tie) => tie.id);
    if (change !== 0) addBlockers(tx, dependants, change);
    if (change !== 0) changed.push(...dependants);
  }
  for (const tie of held) touchBead(tx, tie.id);
  const parents = found.filter(({ type }) => type === 'up').map((tie) => tie.id);
  changed.push(...partsChanged(tx, parents));
  if (isActive(before) !== isActive(after) && (counted.blockers + counted.waits > 0 || parents.length > 0)) changed.push(id);
  refreshBlocked(tx, changed);
}

export function addBlockers(tx: Tx, ids: readonly string[], change: number): void {
  if (ids.length === 0) return;
  tx.sql.run('UPDATE beads SET blockers = blockers + ? WHERE id IN (SELECT value FROM json_each(?))', change, idList(ids));
}

/** Counts again which edges that order hold these beads; gives back the ids it was given. */
export function recountBlockers(tx: Tx, ids: readonly string[]): readonly string[] {
  if (ids.length === 0) return ids;
  tx.sql.run(
    `UPDATE beads SET blockers = (
       SELECT count(*) FROM dependencies d LEFT JOIN beads o ON o.id = d.depends_on
       WHERE d.bead_id = beads.id AND d.type IN ('blocks', 'conditional-blocks')
         AND (d.depends_on LIKE 'external:%' OR (o.status <> 'closed' AND o.hold IS NOT 'pinned' AND (d.type = 'blocks' OR o.status <> 'failed'))))
     WHERE id IN (SELECT value FROM json_each(?))`,
    idList(ids),
  );
  return ids;
}

/**
 * Of a `waits-for` edge `w`: a part of the other bead is not done, and (gate `any`) none is. `CROSS JOIN`, here and below, keeps the order in which
 * tables are looked at: edges first. The platform's planner would walk through all beads instead.
 */
const PARTS = `SELECT 1 FROM dependencies c CROSS JOIN beads part ON part.id = c.bead_id WHERE c.depends_on = w.depends_on AND c.type = 'parent-child'`;
const UNSATISFIED = `EXISTS (${PARTS} AND part.status <> 'closed' AND part.hold IS NOT 'pinned') AND NOT (w.gate IS 'any' AND EXISTS (${PARTS} AND part.status = 'closed'))`;

/** Counts again which `waits-for` edges of these beads hold them; gives back the ids it was given. */
export function recountWaits(tx: Tx, ids: readonly string[]): readonly string[] {
  if (ids.length === 0) return ids;
  tx.sql.run(
    `UPDATE beads SET waits = (SELECT count(*) FROM dependencies w WHERE w.bead_id = beads.id AND w.type = 'waits-for' AND ${UNSATISFIED})
     WHERE id IN (SELECT value FROM json_each(?))`,
    idList(ids),
  );
  for (const id of ids) touchBead(tx, id);
  return ids;
}
/** The first bead whose parts hold this one up. */
export function spawnerAwaited(sql: Sql, id: string): string | null {
  const row = first(
    sql,
    `SELECT w.depends_on AS id FROM dependencies w WHERE w.bead_id = ? AND w.type = 'waits-for' AND ${UNSATISFIED} ORDER BY w.depends_on LIMIT 1`,
    id,
  );
  return row ? text(row, 'id') : null;
}
/** The parts of these beads changed: those who wait for the parts. */
export const partsChanged = (tx: Tx, parents: readonly string[]): readonly string[] => recountWaits(tx, waitersOn(tx.sql, parents));

interface Node {
  readonly id: string;
  readonly own: boolean;
  readonly was: boolean;
  readonly active: boolean;
}
/** The beads and everything below them: where a change of a block can show. */
const below = (sql: Sql, ids: readonly string[]): Node[] =>
  sql
    .all(
      `WITH RECURSIVE down (id) AS (
         SELECT value FROM json_each(?)
         UNION SELECT d.bead_id FROM down CROSS JOIN dependencies d ON d.depends_on = down.id AND d.type = 'parent-child'
       ) SELECT b.id AS id, b.blockers + b.waits AS own, b.blocked AS was, b.${ACTIVE} AS active FROM down CROSS JOIN beads b ON b.id = down.id`,
      idList(ids),
    )
    .map((row) => ({ id: text(row, 'id'), own: int(row, 'own') > 0, was: flag(row, 'was'), active: flag(row, 'active') }));

/** Of these beads: each with its parents that are blocked already, or are among them. */
const parentsOf = (sql: Sql, ids: readonly string[]): { child: string; parent: string; blocked: boolean }[] =>
  sql
    .all(
      `SELECT d.bead_id AS child, d.depends_on AS parent, p.blocked AS blocked FROM dependencies d CROSS JOIN beads p ON p.id = d.depends_on
       WHERE d.bead_id IN (SELECT value FROM json_each(?)) AND d.type = 'parent-child'`,
      idList(ids),
    )
    .map((row) => ({ child: text(row, 'child'), parent: text(row, 'parent'), blocked: flag(row, 'blocked') }));

/** Brings `blocked` of these beads and of all below them to the least fixpoint. */
export function refreshBlocked(tx: Tx, ids: readonly string[]): void {
  if (ids.length === 0) return;
  const nodes = new Map(below(tx.sql, ids).map((node) => [node.id, node]));
  const edges = parentsOf(tx.sql, [...nodes.keys()]);
  const children = Map.groupBy(edges, (edge) => edge.parent);
  const heldFromOutside = new Set(edges.filter((edge) => edge.blocked && !nodes.has(edge.parent)).map((edge) => edge.child));
  const blocked = new Set<string>();
  const queue = [...nodes.values()].filter((node) => node.own || heldFromOutside.has(node.id));
  for (let node = queue.pop(); node; node = queue.pop()) {
    if (!node.active || blocked.has(node.id)) continue;
    blocked.add(node.id);
    for (const { child } of children.get(node.id) ?? []) queue.push(nodes.get(child)!);
  }
  const turned = [...nodes.values()].filter((node) => node.was !== blocked.has(node.id));
  write(
    tx,
    turned.filter((node) => !node.was),
    1,
  );
  write(
    tx,
    turned.filter((node) => node.was),
    0,
  );
  /** A part that stays blocked may be so by another of its parents now. */
  const over = new Set(turned.map((node) => node.id));
  for (const { child, parent } of edges) if (over.has(parent)) touchBead(tx, child);
}
function write(tx: Tx, nodes: readonly Node[], blocked: 0 | 1): void {
  if (nodes.length === 0) return;
  const ids = nodes.map((node) => node.id);
  tx.sql.run('UPDATE beads SET blocked = ? WHERE id IN (SELECT value FROM json_each(?))', blocked, idList(ids));
  for (const id of ids) touchBead(tx, id);
}

/** Counts again how many direct parents of these beads are put off. */
export function recountDeferredParents(tx: Tx, ids: readonly string[]): void {
  if (ids.length === 0) return;
  tx.sql.run(
    `UPDATE beads SET deferred_parents = (
       SELECT count(*) FROM dependencies d CROSS JOIN beads p ON p.id = d.depends_on
       WHERE d.bead_id = beads.id AND d.type = 'parent-child' AND p.defer_until IS NOT NULL)
     WHERE id IN (SELECT value FROM json_each(?))`,
    idList(ids),
  );
  for (const id of ids) touchBead(tx, id);
}
export const childrenOf = (sql: Sql, id: string): string[] =>
  sql.all(`SELECT bead_id FROM dependencies WHERE depends_on = ? AND type = 'parent-child'`, id).map((row) => text(row, 'bead_id'));
