import { BeadStatus, BeadType, Hold, type BeadId, type RigId } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { idList, flag, int, intOrNull, jsonList, list, oneOf, rowChunks, text, textOrNull, type Row } from '../sql.ts';
import type { Tx } from '../tx.ts';
import { partsChanged, recountBlockers, recountDeferredParents, recountWaits, refreshBlocked } from './blocking.ts';
import { touchBead } from './store.ts';
import { PLANNED } from './table.ts';

/** Many beads at once, in and out, by statements over sets: what an import writes and an export reads. */
export interface WholeBead {
  readonly id: BeadId;
  readonly type: BeadType;
  readonly status: BeadStatus;
  readonly title: string;
  readonly body: string;
  readonly rigId: RigId | null;
  readonly rank: number;
  readonly labels: readonly string[];
  readonly kind: string;
  readonly hold: Hold | null;
  readonly deferUntil: number | null;
  readonly ephemeral: boolean;
  readonly createdBy: string;
  readonly createdAt: number;
  /** Nanoseconds within the millisecond of `createdAt`, of beads that other tools made. */
  readonly createdFine: number;
  readonly updatedAt: number;
  readonly closedAt: number | null;
  /** Why it failed, as JSON. */
  readonly failure: string | null;
}
const toWholeBead = (row: Row): WholeBead => ({
  id: text(row, 'id') as BeadId,
  type: oneOf(row, 'type', BeadType.options),
  status: oneOf(row, 'status', BeadStatus.options),
  title: text(row, 'title'),
  body: text(row, 'body'),
  rigId: textOrNull(row, 'rig_id') as RigId | null,
  rank: int(row, 'rank'),
  labels: jsonList<string>(row, 'labels'),
  kind: text(row, 'kind'),
  hold: row['hold'] === null ? null : oneOf(row, 'hold', Hold.options),
  deferUntil: intOrNull(row, 'defer_until'),
  ephemeral: flag(row, 'ephemeral'),
  createdBy: text(row, 'created_by'),
  createdAt: int(row, 'created_at'),
  createdFine: int(row, 'created_fine'),
  updatedAt: int(row, 'updated_at'),
  closedAt: intOrNull(row, 'closed_at'),
  failure: textOrNull(row, 'failure'),
});

const WHOLE = `SELECT b.*, i.failure AS failure FROM beads b LEFT JOIN issues i ON i.bead_id = b.id`;
export const wholeBeads = (sql: Sql, ids: readonly string[]): WholeBead[] =>
  list(sql, toWholeBead, `${WHOLE} WHERE b.id IN (SELECT value FROM json_each(?))`, idList(ids));
/** One page of a rig's beads or of all, in the order of their ids. */
export const wholeBeadsAfter = (sql: Sql, after: string, rigId: string | null, limit: number): WholeBead[] =>
  rigId === null
    ? list(sql, toWholeBead, `${WHOLE} WHERE b.id > ? ORDER BY b.id LIMIT ?`, after, limit)
    : list(sql, toWholeBead, `${WHOLE} WHERE b.id > ? AND b.rig_id = ? ORDER BY b.id LIMIT ?`, after, rigId, limit);

/** Their rows alone, in this order; what they hold up is counted by `linkBeads`. */
export function insertBeads(tx: Tx, beads: readonly WholeBead[]): void {
  const said = beads.map((bead) => ({ ...bead, labels: JSON.stringify(bead.labels), ephemeral: bead.ephemeral ? 1 : 0 }));
  for (const rows of rowChunks(said)) {
    tx.sql.run(
      `INSERT INTO beads (id, type, status, title, body, rig_id, parent_id, assignee_id, rank, labels, metadata, created_by, created_at, created_fine,
           updated_at, closed_at, kind, hold, defer_until, ephemeral)
         SELECT value ->> 'id', 'issue', value ->> 'status', value ->> 'title', value ->> 'body', value ->> 'rigId', NULL, NULL, value ->> 'rank',
           value ->> 'labels', '{}', value ->> 'createdBy', value ->> 'createdAt', value ->> 'createdFine', value ->> 'updatedAt', value ->> 'closedAt',
           value ->> 'kind', value ->> 'hold', value ->> 'deferUntil', value ->> 'ephemeral' FROM json_each(?) ORDER BY key`,
      rows,
    );
    tx.sql.run(`INSERT INTO issues (bead_id, failure) SELECT value ->> 'id', value ->> 'failure' FROM json_each(?)`, rows);
  }
  for (const bead of beads) touchBead(tx, bead.id);
}

interface NewEdge {
  readonly beadId: string;
  readonly dependsOn: string;
  readonly type: string;
  readonly gate: string | null;
}
/** Edges that were checked, and then everything that they hold up, counted once. */
export function linkBeads(tx: Tx, edges: readonly NewEdge[]): void {
  for (const rows of rowChunks(edges))
    tx.sql.run(
      `INSERT OR IGNORE INTO dependencies (bead_id, depends_on, type, gate)
       SELECT value ->> 'beadId', value ->> 'dependsOn', value ->> 'type', value ->> 'gate' FROM json_each(?) WHERE true`,
      rows,
    );
  const from = (...types: string[]): string[] => [...new Set(edges.filter(({ type }) => types.includes(type)).map(({ beadId }) => beadId))];
  const children = from('parent-child');
  const parents = edges.filter(({ type }) => type === 'parent-child').map(({ dependsOn }) => dependsOn);
  recountDeferredParents(tx, children);
  const changed = [
    ...recountBlockers(tx, from('blocks', 'conditional-blocks')),
    ...recountWaits(tx, from('waits-for')),
    ...partsChanged(tx, parents),
    ...children,
  ];
  refreshBlocked(tx, [...new Set(changed)]);
  for (const { beadId } of edges) touchBead(tx, beadId);
}

export interface FoundEdge {
  readonly beadId: string;
  readonly dependsOn: string;
  readonly type: string;
}
/** Every edge of these types that can be reached from these beads. */
export const edgesAbove = (sql: Sql, ids: readonly string[], types: readonly string[]): FoundEdge[] =>
  sql
    .all(
      `WITH RECURSIVE up (id) AS (
         SELECT value FROM json_each(?1)
         UNION SELECT d.depends_on FROM up JOIN dependencies d ON d.bead_id = up.id AND d.type IN (SELECT value FROM json_each(?2))
       ) SELECT d.bead_id, d.depends_on, d.type FROM up JOIN dependencies d ON d.bead_id = up.id AND d.type IN (SELECT value FROM json_each(?2))`,
      idList(ids),
      idList(types),
    )
    .map((row) => ({ beadId: text(row, 'bead_id'), dependsOn: text(row, 'depends_on'), type: text(row, 'type') }));

/** Beads of a rig that were planned and not begun. */
export const stagedBeads = (sql: Sql, rigId: string): BeadId[] =>
  sql.all(`SELECT id FROM beads WHERE rig_id = ? AND ${PLANNED}`, rigId).map((row) => text(row, 'id') as BeadId);
