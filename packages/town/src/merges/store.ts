import {
  MergePhase,
  type AgentId,
  type BeadId,
  type Failure,
  type GateResult,
  type MergeId,
  type RigId,
  type RunId,
  type RunnerId,
} from '@gastown/protocol';
import type { Sql, SqlValue } from '../api.ts';
import { assignments, first, idList, int, intOrNull, json, jsonOrNull, list, one, oneOf, text, textOrNull, type Row } from '../sql.ts';
import { mayMove, MERGE_MOVES } from '../transitions.ts';
import { touch, type Tx } from '../tx.ts';

export interface Merge {
  readonly id: MergeId;
  readonly beadId: BeadId;
  readonly rigId: RigId;
  readonly runId: RunId;
  readonly agentId: AgentId;
  readonly branch: string;
  readonly targetBranch: string;
  readonly lane: string;
  readonly place: number | null;
  readonly headCommit: string;
  readonly phase: MergePhase;
  readonly runnerId: RunnerId | null;
  readonly builds: number;
  readonly baseCommit: string | null;
  readonly mergeCommit: string | null;
  readonly gates: GateResult[];
  readonly failure: Failure | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly landedAt: number | null;
}
const toMerge = (row: Row): Merge => ({
  id: text(row, 'id') as MergeId,
  beadId: text(row, 'bead_id') as BeadId,
  rigId: text(row, 'rig_id') as RigId,
  runId: text(row, 'run_id') as RunId,
  agentId: text(row, 'agent_id') as AgentId,
  branch: text(row, 'branch'),
  targetBranch: text(row, 'target_branch'),
  lane: text(row, 'lane'),
  place: intOrNull(row, 'place'),
  headCommit: text(row, 'head_commit'),
  phase: oneOf(row, 'phase', MergePhase.options),
  runnerId: textOrNull(row, 'runner_id') as RunnerId | null,
  builds: int(row, 'builds'),
  baseCommit: textOrNull(row, 'base_commit'),
  mergeCommit: textOrNull(row, 'merge_commit'),
  gates: json<GateResult[]>(row, 'gates'),
  failure: jsonOrNull<Failure>(row, 'failure'),
  createdAt: int(row, 'created_at'),
  updatedAt: int(row, 'updated_at'),
  landedAt: intOrNull(row, 'landed_at'),
});

export const findMerge = (sql: Sql, id: string): Merge | null => one(sql, toMerge, 'SELECT * FROM merges WHERE id = ?', id);
/** Oldest first. */
export const mergesOfBeads = (sql: Sql, beadIds: Iterable<string>): Merge[] =>
  list(sql, toMerge, 'SELECT * FROM merges WHERE bead_id IN (SELECT value FROM json_each(?)) ORDER BY rowid', idList(beadIds));
export const lastMergeOf = (sql: Sql, beadId: string): Merge | null =>
  one(sql, toMerge, 'SELECT * FROM merges WHERE bead_id = ? ORDER BY rowid DESC LIMIT 1', beadId);
/** Does no later merge of its bead replace it? */
export const isNewest = (sql: Sql, { id, beadId }: Pick<Merge, 'id' | 'beadId'>): boolean =>
  first(sql, 'SELECT id FROM merges WHERE bead_id = ? AND rowid > (SELECT rowid FROM merges WHERE id = ?)', beadId, id) === undefined;
export const mergesById = (sql: Sql, ids: Iterable<string>): Merge[] =>
  list(sql, toMerge, 'SELECT * FROM merges WHERE id IN (SELECT value FROM json_each(?))', idList(ids));
export const queuedMerges = (sql: Sql): Merge[] => list(sql, toMerge, 'SELECT * FROM merges WHERE place IS NOT NULL');
export function countQueued(sql: Sql): number {
  const row = first(sql, 'SELECT count(*) AS n FROM merges WHERE place IS NOT NULL');
  return row ? int(row, 'n') : 0;
}
export const queuedMergesOf = (sql: Sql, beadIds: Iterable<string>): Merge[] =>
  list(sql, toMerge, 'SELECT * FROM merges WHERE place IS NOT NULL AND bead_id IN (SELECT value FROM json_each(?))', idList(beadIds));
/** Whose merges were asked for last, each once. */
export const beadsOfNewestMerges = (sql: Sql, limit: number): BeadId[] =>
  sql
    .all('SELECT DISTINCT bead_id FROM (SELECT bead_id FROM merges ORDER BY rowid DESC LIMIT ?)', limit)
    .map((row) => text(row, 'bead_id') as BeadId);
export const newestMerges = (sql: Sql, limit: number): Merge[] =>
  list(sql, toMerge, 'SELECT * FROM merges ORDER BY rowid DESC LIMIT ?', limit);

/** The lanes that have something to do: one index seek a lane. */
export const busyLanes = (sql: Sql): string[] =>
  sql
    .all(
      `WITH RECURSIVE lane (name) AS (
         SELECT * FROM (SELECT lane FROM merges WHERE place IS NOT NULL ORDER BY lane LIMIT 1)
         UNION ALL SELECT (SELECT min(m.lane) FROM merges m WHERE m.lane > lane.name AND m.place IS NOT NULL) FROM lane WHERE lane.name IS NOT NULL
       ) SELECT name FROM lane WHERE name IS NOT NULL`,
    )
    .map((row) => text(row, 'name'));
export const frontOf = (sql: Sql, lane: string): Merge | null =>
  list(sql, toMerge, 'SELECT * FROM merges WHERE lane = ? AND place IS NOT NULL ORDER BY lane, place LIMIT 3', lane)[0] ?? null;
/** The front of each lane that is with a runner: built, tested or landed. */
export const mergesUnderWay = (sql: Sql): Merge[] =>
  busyLanes(sql).flatMap((lane) => {
    const front = frontOf(sql, lane);
    return front && front.phase !== 'queued' ? [front] : [];
  });
export function testsUnderWay(sql: Sql): Map<string, number> {
  const tests = new Map<string, number>();
  for (const { phase, runnerId } of mergesUnderWay(sql))
    if (phase === 'testing' && runnerId !== null) tests.set(runnerId, (tests.get(runnerId) ?? 0) + 1);
  return tests;
}
export const laneQueue = (sql: Sql, lane: string): Merge[] =>
  list(sql, toMerge, 'SELECT * FROM merges WHERE lane = ? AND place IS NOT NULL ORDER BY lane, place', lane);
const lastPlace = (sql: Sql, lane: string): number => {
  const row = first(sql, 'SELECT max(place) AS last FROM merges WHERE lane = ? AND place IS NOT NULL', lane);
  return (row && intOrNull(row, 'last')) ?? 0;
};

export type NewMerge = Pick<Merge, 'id' | 'beadId' | 'rigId' | 'runId' | 'agentId' | 'branch' | 'targetBranch' | 'headCommit'>;
const laneOf = (rigId: string, targetBranch: string): string => `${rigId} ${targetBranch}`;

export function insertMerge(tx: Tx, merge: NewMerge): void {
  const lane = laneOf(merge.rigId, merge.targetBranch);
  tx.sql.run(
    `INSERT INTO merges (id, bead_id, rig_id, run_id, agent_id, branch, target_branch, lane, place, head_commit, phase, created_at, updated_at)
     VALUES (?,?,?,?,?,?,?,?,?,?,'queued',?,?)`,
    merge.id,
    merge.beadId,
    merge.rigId,
    merge.runId,
    merge.agentId,
    merge.branch,
    merge.targetBranch,
    lane,
    lastPlace(tx.sql, lane) + 1,
    merge.headCommit,
    tx.now,
    tx.now,
  );
  touchMerge(tx, merge);
}
/** One that waits in line goes to the line of another branch, behind what waits there. */
export function retarget(tx: Tx, merge: Merge, targetBranch: string): void {
  const lane = laneOf(merge.rigId, targetBranch);
  const place = lastPlace(tx.sql, lane) + 1;
  tx.sql.run(
    'UPDATE merges SET target_branch = ?, lane = ?, place = ?, updated_at = ? WHERE id = ?',
    targetBranch,
    lane,
    place,
    tx.now,
    merge.id,
  );
  touchMerge(tx, merge);
}
function touchMerge(tx: Tx, merge: Pick<Merge, 'id' | 'beadId'>): void {
  touch(tx, 'merges', merge.id);
  touch(tx, 'beads', merge.beadId);
}

type Patch = Partial<Record<'builds' | 'runner_id' | 'base_commit' | 'merge_commit' | 'gates' | 'failure' | 'landed_at', SqlValue>>;
/** The one way a merge changes its phase; who waits in line is on no runner, leaving the queue shifts the places that its followers show. */
export function setPhase(tx: Tx, merge: Merge, to: MergePhase, patch: Patch = {}): void {
  if (!mayMove(MERGE_MOVES, merge.phase, to)) throw new Error(`merge ${merge.id}: ${merge.phase} cannot become ${to}`);
  const over = to === 'landed' || to === 'failed';
  if (over) tx.ended.add(merge.id);
  const place = over ? null : merge.phase === 'failed' ? lastPlace(tx.sql, merge.lane) + 1 : merge.place;
  const placed = to === 'queued' ? { runner_id: null } : {};
  const { set, values } = assignments({ ...patch, ...placed, phase: to, place, updated_at: tx.now } as Record<string, SqlValue>);
  tx.sql.run(`UPDATE merges SET ${set} WHERE id = ?`, ...values, merge.id);
  touchMerge(tx, merge);
  if (over) for (const follower of laneQueue(tx.sql, merge.lane)) touch(tx, 'merges', follower.id);
}
