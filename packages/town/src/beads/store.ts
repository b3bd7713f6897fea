import {
  BeadStatus,
  BeadType,
  Hold,
  type AgentId,
  type BeadId,
  type ConvoyId,
  type Failure,
  type LeftOut,
  type Priority,
  type RigId,
} from '@gastown/protocol';
import type { Sql, SqlValue } from '../api.ts';
import {
  assignments,
  first,
  flag,
  idList,
  int,
  intOrNull,
  json,
  jsonOrNull,
  list,
  one,
  oneOf,
  text,
  textOrNull,
  type Row,
} from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

const PRIORITIES: readonly Priority[] = ['critical', 'high', 'medium', 'low'];
export const rankOf = (priority: Priority): number => PRIORITIES.indexOf(priority);
/** Other tools know a fifth, later than low. */
const priorityOf = (rank: number): Priority => PRIORITIES[rank] ?? 'low';

export type ConvoyHold = 'staged' | 'paused';
const CONVOY_HOLDS: readonly ConvoyHold[] = ['staged', 'paused'];

export interface Bead {
  readonly id: BeadId;
  readonly type: BeadType;
  readonly status: BeadStatus;
  readonly title: string;
  readonly body: string;
  readonly rigId: RigId | null;
  readonly parentId: BeadId | null;
  readonly assigneeId: AgentId | null;
  readonly priority: Priority;
  readonly labels: string[];
  readonly kind: string;
  readonly hold: Hold | null;
  readonly deferUntil: number | null;
  readonly convoyId: ConvoyId | null;
  readonly convoyPlace: number | null;
  /** What the state of its convoy does to it. */
  readonly convoyHold: ConvoyHold | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly closedAt: number | null;
  readonly archivedAt: number | null;
  /** Kept by blocking.ts: what holds it directly, and whether it or a parent is held. */
  readonly blockers: number;
  readonly waits: number;
  readonly blocked: boolean;
  readonly deferredParents: number;
  readonly ephemeral: boolean;
  readonly retryAt: number | null;
  readonly overspent: number;
}

export const toBead = (row: Row): Bead => ({
  id: text(row, 'id') as BeadId,
  type: oneOf(row, 'type', BeadType.options),
  status: oneOf(row, 'status', BeadStatus.options),
  title: text(row, 'title'),
  body: text(row, 'body'),
  rigId: textOrNull(row, 'rig_id') as RigId | null,
  parentId: textOrNull(row, 'parent_id') as BeadId | null,
  assigneeId: textOrNull(row, 'assignee_id') as AgentId | null,
  priority: priorityOf(int(row, 'rank')),
  labels: json<string[]>(row, 'labels'),
  kind: text(row, 'kind'),
  hold: row['hold'] === null ? null : oneOf(row, 'hold', Hold.options),
  deferUntil: intOrNull(row, 'defer_until'),
  convoyId: textOrNull(row, 'convoy_id') as ConvoyId | null,
  convoyPlace: intOrNull(row, 'convoy_place'),
  convoyHold: row['convoy_hold'] === null ? null : oneOf(row, 'convoy_hold', CONVOY_HOLDS),
  createdBy: text(row, 'created_by'),
  createdAt: int(row, 'created_at'),
  updatedAt: int(row, 'updated_at'),
  closedAt: intOrNull(row, 'closed_at'),
  archivedAt: intOrNull(row, 'archived_at'),
  blockers: int(row, 'blockers'),
  waits: int(row, 'waits'),
  blocked: flag(row, 'blocked'),
  deferredParents: int(row, 'deferred_parents'),
  ephemeral: flag(row, 'ephemeral'),
  retryAt: intOrNull(row, 'retry_at'),
  overspent: int(row, 'overspent'),
});

export const findBead = (sql: Sql, id: string): Bead | null => one(sql, toBead, 'SELECT * FROM beads WHERE id = ?', id);
export const beadExists = (sql: Sql, id: string): boolean => first(sql, 'SELECT 1 FROM beads WHERE id = ?', id) !== undefined;
export const beadsById = (sql: Sql, ids: Iterable<string>): Bead[] =>
  list(sql, toBead, 'SELECT * FROM beads WHERE id IN (SELECT value FROM json_each(?))', idList(ids));

/** Issues that are not closed, of one rig or of all. */
export const unfinished = (sql: Sql, rigId: string | null = null): Bead[] =>
  rigId
    ? list(sql, toBead, `SELECT * FROM beads WHERE type = 'issue' AND closed_at IS NULL AND rig_id = ?`, rigId)
    : list(sql, toBead, `SELECT * FROM beads WHERE type = 'issue' AND closed_at IS NULL`);
/** Their ids alone, without those that failed; at most `limit`. */
export const waitingIds = (sql: Sql, rigId: string | null, limit: number): string[] =>
  sql
    .all(
      `SELECT id FROM beads WHERE type = 'issue' AND closed_at IS NULL AND status <> 'failed'${rigId === null ? '' : ' AND rig_id = ?'} LIMIT ?`,
      ...(rigId === null ? [] : [rigId]),
      limit,
    )
    .map((row) => text(row, 'id'));
/** How many of the newest beads are looked through: what is older may be anything. */
const LOOKED_BACK = 2_000;
export const sameTitle = (sql: Sql, rigId: string, title: string): Bead[] =>
  list(sql, toBead, `SELECT * FROM beads WHERE type = 'issue' AND closed_at IS NULL AND rig_id = ? AND title = ?`, rigId, title);
/** Those too that are over, among the newest that are there. */
export const titledSince = (sql: Sql, rigId: string, title: string, since: number): Bead[] =>
  list(
    sql,
    toBead,
    `SELECT * FROM beads WHERE rowid > (SELECT max(rowid) FROM beads) - ? AND type = 'issue' AND rig_id = ? AND title = ? AND created_at >= ?`,
    LOOKED_BACK,
    rigId,
    title,
    since,
  );
/** At most this many at once go out of sight. */
const ARCHIVED_AT_ONCE = 1_000;
export const archivable = (sql: Sql, rigId: string): BeadId[] =>
  sql
    .all(
      `SELECT id FROM beads WHERE rig_id = ? AND type = 'issue' AND status = 'closed' AND archived_at IS NULL ORDER BY rowid LIMIT ?`,
      rigId,
      ARCHIVED_AT_ONCE,
    )
    .map((row) => text(row, 'id') as BeadId);
/** `before`: a bead that is there; those that came before it. */
export interface BeadsWanted {
  readonly type: BeadType;
  readonly status?: BeadStatus | undefined;
  readonly rigId?: RigId | undefined;
  readonly archived: boolean;
  readonly before?: BeadId | undefined;
  readonly limit: number;
}
/** The newest of them, at the cost of what it returns however many others there are: a look into an index for each status. */
export function listedBeads(sql: Sql, { type, status, rigId, archived, before, limit }: BeadsWanted): BeadId[] {
  const looks = (status ? [status] : BeadStatus.options).flatMap((one) => (archived ? [0, 1] : [0]).map((away) => [away, one] as const));
  const found = looks.flatMap(([away, one]) =>
    sql.all(
      `SELECT rowid AS at, id FROM beads WHERE (archived_at IS NOT NULL) = ?${rigId ? ' AND rig_id = ?' : ''} AND type = ? AND status = ?${
        before ? ' AND rowid < (SELECT rowid FROM beads WHERE id = ?)' : ''
      } ORDER BY rowid DESC LIMIT ?`,
      away,
      ...(rigId ? [rigId] : []),
      type,
      one,
      ...(before ? [before] : []),
      limit,
    ),
  );
  const newest = found.toSorted((a, b) => int(b, 'at') - int(a, 'at')).slice(0, limit);
  return newest.map((row) => text(row, 'id') as BeadId);
}
/** What a page always shows: all work that is not over, and the newest beads. Without their texts, which may be very much together. */
export const shownBeads = (sql: Sql, newest: number): string[] =>
  [
    ...sql.all(`SELECT id FROM beads WHERE type = 'issue' AND closed_at IS NULL`),
    ...sql.all('SELECT id FROM beads ORDER BY rowid DESC LIMIT ?', newest),
  ].map((row) => text(row, 'id'));
/** Of these beads the ones whose text no longer fits when the newest are taken first. */
export function textsBeyond(sql: Sql, ids: readonly string[], characters: number): Set<string> {
  const query = `SELECT id, length(body) AS size FROM beads WHERE id IN (SELECT value FROM json_each(?)) AND body <> '' ORDER BY rowid DESC`;
  let sum = 0;
  return new Set(sql.all(query, idList(ids)).flatMap((row) => ((sum += int(row, 'size')) > characters ? [text(row, 'id')] : [])));
}
/** Is there closed work, or archived, beside the newest `limit` beads and `shown`? It costs the same however much is kept. */
export function closedBefore(sql: Sql, limit: number, shown: readonly string[]): LeftOut {
  const row = first(
    sql,
    `SELECT count(*) AS looked, max(closed AND archived_at IS NULL) AS closed, max(closed AND archived_at IS NOT NULL) AS archived FROM (
      SELECT archived_at, type = 'issue' AND status = 'closed' AND id NOT IN (SELECT value FROM json_each(?)) AS closed
      FROM beads ORDER BY rowid DESC LIMIT ? OFFSET ?)`,
    idList(shown),
    LOOKED_BACK,
    limit,
  )!;
  const unseen = int(row, 'looked') === LOOKED_BACK;
  return { closed: unseen || row.closed === 1, archived: unseen || row.archived === 1 };
}

export type NewBead = Pick<
  Bead,
  'id' | 'type' | 'title' | 'body' | 'rigId' | 'parentId' | 'assigneeId' | 'priority' | 'labels' | 'createdBy'
> & { readonly metadata?: unknown } & Partial<
    Pick<
      Bead,
      | 'kind'
      | 'hold'
      | 'deferUntil'
      | 'convoyId'
      | 'convoyPlace'
      | 'convoyHold'
      | 'blockers'
      | 'waits'
      | 'blocked'
      | 'deferredParents'
      | 'ephemeral'
    >
  >;
export function insertBead(tx: Tx, bead: NewBead): void {
  tx.sql.run(
    `INSERT INTO beads (id, type, status, title, body, rig_id, parent_id, assignee_id, rank, labels, metadata, created_by, created_at, updated_at,
       kind, hold, defer_until, blockers, waits, blocked, deferred_parents, ephemeral, convoy_id, convoy_place, convoy_hold)
     VALUES (?,?,'open',?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
    bead.id,
    bead.type,
    bead.title,
    bead.body,
    bead.rigId,
    bead.parentId,
    bead.assigneeId,
    rankOf(bead.priority),
    JSON.stringify(bead.labels),
    JSON.stringify(bead.metadata ?? {}),
    bead.createdBy,
    tx.now,
    tx.now,
    bead.kind ?? 'task',
    bead.hold ?? null,
    bead.deferUntil ?? null,
    bead.blockers ?? 0,
    bead.waits ?? 0,
    bead.blocked ? 1 : 0,
    bead.deferredParents ?? 0,
    bead.ephemeral ? 1 : 0,
    bead.convoyId ?? null,
    bead.convoyPlace ?? null,
    bead.convoyHold ?? null,
  );
  if (bead.type === 'issue') tx.sql.run('INSERT INTO issues (bead_id) VALUES (?)', bead.id);
  touchBead(tx, bead.id);
}

/** Only `moveBead` in status.ts calls this (I6, DM-9). */
export function writeStatus(
  tx: Tx,
  bead: Bead,
  to: BeadStatus,
  { assigneeId, retryAt, closedAt, archivedAt }: Pick<Bead, 'assigneeId' | 'retryAt' | 'closedAt' | 'archivedAt'>,
): void {
  tx.sql.run(
    'UPDATE beads SET status = ?, updated_at = ?, closed_at = ?, assignee_id = ?, retry_at = ?, archived_at = ? WHERE id = ?',
    to,
    tx.now,
    closedAt,
    assigneeId,
    retryAt,
    archivedAt,
    bead.id,
  );
  touchBead(tx, bead.id);
}

type Column =
  | 'assignee_id'
  | 'title'
  | 'body'
  | 'rank'
  | 'labels'
  | 'kind'
  | 'hold'
  | 'defer_until'
  | 'archived_at'
  | 'retry_at'
  | 'updated_at'
  | 'overspent'
  | 'closed_at'
  | 'created_at'
  | 'created_fine'
  | 'created_by'
  | 'ephemeral';
export function updateBead(tx: Tx, id: string, patch: Partial<Record<Column, SqlValue>>): void {
  const { set, values } = assignments(patch as Record<string, SqlValue>);
  tx.sql.run(`UPDATE beads SET ${set} WHERE id = ?`, ...values, id);
  touchBead(tx, id);
}
export const touchBead = (tx: Tx, id: string): void => touch(tx, 'beads', id);

/** What only work has: its branch (made once), failures in a row, starts that failed in a row, why the last one failed. */
export interface Issue {
  readonly beadId: BeadId;
  readonly branch: string | null;
  readonly attempts: number;
  readonly starts: number;
  readonly failure: Failure | null;
  readonly timeoutMs: number | null;
  /** Who should take it next, if free. */
  readonly wantedAgent: string | null;
}
const toIssue = (row: Row): Issue => ({
  beadId: text(row, 'bead_id') as BeadId,
  branch: textOrNull(row, 'branch'),
  attempts: int(row, 'attempts'),
  starts: int(row, 'starts'),
  failure: jsonOrNull<Failure>(row, 'failure'),
  timeoutMs: intOrNull(row, 'timeout_ms'),
  wantedAgent: textOrNull(row, 'wanted_agent'),
});
/** A bead whose row here cannot be read counts as one that was never tried. */
export const issueOf = (sql: Sql, beadId: string): Issue =>
  one(sql, toIssue, 'SELECT * FROM issues WHERE bead_id = ?', beadId) ?? {
    beadId: beadId as BeadId,
    branch: null,
    attempts: 0,
    starts: 0,
    failure: null,
    timeoutMs: null,
    wantedAgent: null,
  };
export const issuesById = (sql: Sql, ids: Iterable<string>): Issue[] =>
  list(sql, toIssue, 'SELECT * FROM issues WHERE bead_id IN (SELECT value FROM json_each(?))', idList(ids));
export function updateIssue(
  tx: Tx,
  beadId: string,
  patch: Partial<Record<'branch' | 'attempts' | 'starts' | 'failure' | 'timeout_ms' | 'wanted_agent', SqlValue>>,
): void {
  const { set, values } = assignments(patch as Record<string, SqlValue>);
  tx.sql.run(`UPDATE issues SET ${set} WHERE bead_id = ?`, ...values, beadId);
  touchBead(tx, beadId);
}
/** Beads that are not over and had starts that failed. */
export const beadsWithFailedStarts = (sql: Sql): Bead[] =>
  beadsById(
    sql,
    sql.all('SELECT bead_id FROM issues WHERE starts > 0').map((row) => text(row, 'bead_id')),
  ).filter((bead) => bead.status === 'open' || bead.status === 'in_progress');
/** Everything, for the invariant checkers. */
export const allBeads = (sql: Sql): Bead[] => list(sql, toBead, 'SELECT * FROM beads');
export const allIssues = (sql: Sql): Issue[] => list(sql, toIssue, 'SELECT * FROM issues');
