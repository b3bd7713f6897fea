import {
  RunState,
  type AgentId,
  type BeadId,
  type Commit,
  type Failure,
  type Generation,
  type ModelConfig,
  type RigId,
  type RunId,
  type RunnerId,
  type RunRow,
} from '@gastown/protocol';
import type { Sql, SqlValue } from '../api.ts';
import { touchTown } from '../config/store.ts';
import { findLink } from '../links/store.ts';
import {
  assignments,
  first,
  idList,
  int,
  intOrNull,
  json,
  jsonOrNull,
  list,
  one,
  oneOf,
  packed,
  text,
  textOrNull,
  type Row,
} from '../sql.ts';
import { mayMove, RUN_MOVES } from '../transitions.ts';
import { touch, type Tx } from '../tx.ts';

export interface Run {
  readonly id: RunId;
  readonly agentId: AgentId;
  readonly beadId: BeadId | null;
  readonly rigId: RigId | null;
  readonly runnerId: RunnerId;
  readonly generation: Generation;
  readonly attempt: number;
  readonly state: RunState;
  readonly endReason: RunRow['endReason'];
  /** Why it ended; while it lives, why its last hand-in was refused. */
  readonly failure: Failure | null;
  /** As its session names it: agents have names of their own for a model. */
  readonly model: string | null;
  readonly modelConfig: ModelConfig | null;
  readonly agentKind: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly leaseUntil: number | null;
  readonly lastActivityAt: number | null;
  readonly statusLine: string | null;
  readonly sessionId: string | null;
  readonly instance: string | null;
  readonly nudgeId: string | null;
  readonly reminders: number;
  readonly branch: string | null;
  readonly headCommit: string | null;
  readonly commits: Commit[];
  readonly summary: string | null;
  readonly doneAt: number | null;
  readonly begunAt: number | null;
  readonly timeoutMs: number | null;
  readonly prods: number;
  readonly proddedAt: number | null;
  readonly warnings: number;
  /** What the door saw of the provider since its turn began. */
  readonly trouble: Failure | null;
  readonly asksSince: number | null;
}

const toRun = (row: Row): Run => ({
  id: text(row, 'id') as RunId,
  agentId: text(row, 'agent_id') as AgentId,
  beadId: textOrNull(row, 'bead_id') as BeadId | null,
  rigId: textOrNull(row, 'rig_id') as RigId | null,
  runnerId: text(row, 'runner_id') as RunnerId,
  generation: int(row, 'generation') as Generation,
  attempt: int(row, 'attempt'),
  state: oneOf(row, 'state', RunState.options),
  endReason: textOrNull(row, 'end_reason') as Run['endReason'],
  failure: jsonOrNull<Failure>(row, 'failure'),
  model: textOrNull(row, 'model'),
  modelConfig: jsonOrNull<ModelConfig>(row, 'model_config'),
  agentKind: text(row, 'agent_kind'),
  startedAt: int(row, 'started_at'),
  endedAt: intOrNull(row, 'ended_at'),
  leaseUntil: intOrNull(row, 'lease_until'),
  lastActivityAt: intOrNull(row, 'last_activity_at'),
  statusLine: textOrNull(row, 'status_line'),
  sessionId: textOrNull(row, 'session_id'),
  instance: textOrNull(row, 'instance'),
  nudgeId: textOrNull(row, 'nudge_id'),
  reminders: int(row, 'reminders'),
  branch: textOrNull(row, 'branch'),
  headCommit: textOrNull(row, 'head_commit'),
  commits: json<Commit[]>(row, 'commits'),
  summary: textOrNull(row, 'summary'),
  doneAt: intOrNull(row, 'done_at'),
  begunAt: intOrNull(row, 'begun_at'),
  timeoutMs: intOrNull(row, 'timeout_ms'),
  prods: int(row, 'prods'),
  proddedAt: intOrNull(row, 'prodded_at'),
  warnings: int(row, 'warnings'),
  trouble: jsonOrNull<Failure>(row, 'trouble'),
  asksSince: intOrNull(row, 'asks_since'),
});

/** A watchdog saw that it is silent, and nothing was heard of it since. */
export const isSilent = (run: Pick<Run, 'lastActivityAt' | 'proddedAt'>): boolean =>
  run.proddedAt !== null && (run.lastActivityAt ?? 0) <= run.proddedAt;
/** Steps taken against the present silence. */
export const prodsOf = (run: Run): number => (isSilent(run) ? run.prods : 0);

export const findRun = (sql: Sql, id: string): Run | null => one(sql, toRun, 'SELECT * FROM runs WHERE id = ?', id);
export const liveRuns = (sql: Sql): Run[] => list(sql, toRun, `SELECT * FROM runs WHERE state <> 'ended'`);
export const liveRunOfAgent = (sql: Sql, agentId: string): Run | null =>
  one(sql, toRun, `SELECT * FROM runs WHERE agent_id = ? AND state <> 'ended'`, agentId);
export const liveRunOfBead = (sql: Sql, beadId: string): Run | null =>
  one(sql, toRun, `SELECT * FROM runs WHERE bead_id = ? AND state <> 'ended' AND bead_id IS NOT NULL`, beadId);
export const lastRunOfAgent = (sql: Sql, agentId: string): Run | null =>
  one(sql, toRun, 'SELECT * FROM runs WHERE agent_id = ? ORDER BY rowid DESC LIMIT 1', agentId);
export const lastSessionOf = (sql: Sql, agentId: string): Run | null =>
  one(sql, toRun, 'SELECT * FROM runs WHERE agent_id = ? AND session_id IS NOT NULL ORDER BY rowid DESC LIMIT 1', agentId);
/** Oldest first. */
export const runsOfBead = (sql: Sql, beadId: string): Run[] =>
  list(sql, toRun, 'SELECT * FROM runs WHERE bead_id = ? AND bead_id IS NOT NULL ORDER BY generation', beadId);
/** Of each bead that had any. */
export const lastRunsOfBeads = (sql: Sql, beadIds: Iterable<string>): { beadId: string; id: string }[] =>
  sql
    .all(
      `SELECT bead_id, id FROM runs r WHERE bead_id IN (SELECT value FROM json_each(?)) AND bead_id IS NOT NULL
         AND generation = (SELECT max(generation) FROM runs WHERE bead_id = r.bead_id AND bead_id IS NOT NULL)`,
      idList(beadIds),
    )
    .map((row) => ({ beadId: text(row, 'bead_id'), id: text(row, 'id') }));
export const runBySession = (sql: Sql, sessionId: string): Run | null =>
  one(sql, toRun, 'SELECT * FROM runs WHERE session_id = ? AND session_id IS NOT NULL ORDER BY rowid DESC LIMIT 1', sessionId);
export const runsById = (sql: Sql, ids: Iterable<string>): Run[] =>
  list(sql, toRun, 'SELECT * FROM runs WHERE id IN (SELECT value FROM json_each(?))', idList(ids));
export const newestRuns = (sql: Sql, limit: number): Run[] => list(sql, toRun, 'SELECT * FROM runs ORDER BY rowid DESC LIMIT ?', limit);

/** Runs of the agent that failed since then, newest first. */
export const failedSince = (sql: Sql, agentId: string, since: number, limit: number): Run[] =>
  list(
    sql,
    toRun,
    `SELECT * FROM runs WHERE agent_id = ? AND end_reason = 'failed' AND ended_at > ? ORDER BY ended_at DESC LIMIT ?`,
    agentId,
    since,
    limit,
  );

/** Beads that the agent ever worked on. */
export const beadsOfAgent = (sql: Sql, agentId: string): string[] =>
  sql.all('SELECT DISTINCT bead_id FROM runs WHERE agent_id = ? AND bead_id IS NOT NULL', agentId).map((row) => text(row, 'bead_id'));

/** Asked of the rows themselves: a run that cannot be read still holds its agent and its bead (I2). */
export const isHeld = (sql: Sql, agentId: string, beadId: string | null): boolean =>
  first(sql, `SELECT 1 FROM runs WHERE state <> 'ended' AND (agent_id = ? OR bead_id = ?)`, agentId, beadId) !== undefined;

export const heldAgents = (sql: Sql): Set<string> =>
  new Set(sql.all(`SELECT agent_id FROM runs WHERE state <> 'ended'`).map((row) => text(row, 'agent_id')));

/** Oldest first. */
export const endedWithoutBead = (sql: Sql, agentId: string, upTo: number, limit: number): Run[] =>
  list(
    sql,
    toRun,
    `SELECT * FROM runs WHERE agent_id = ? AND generation <= ? AND bead_id IS NULL AND state = 'ended' ORDER BY generation LIMIT ?`,
    agentId,
    upTo,
    limit,
  );
export function deleteRun(tx: Tx, run: Run): void {
  tx.sql.run('DELETE FROM runs WHERE id = ?', run.id);
  touch(tx, 'runs', run.id);
}

/** Fencing numbers only grow: one more than the last run of the same bead, or of the same agent when there is no bead. */
export function nextGeneration(sql: Sql, agentId: string, beadId: string | null): Generation {
  const row = beadId
    ? first(sql, 'SELECT max(generation) AS last FROM runs WHERE bead_id = ? AND bead_id IS NOT NULL', beadId)
    : first(sql, 'SELECT max(generation) AS last FROM runs WHERE agent_id = ?', agentId);
  return (((row && intOrNull(row, 'last')) ?? 0) + 1) as Generation;
}

export type NewRun = Pick<
  Run,
  | 'id'
  | 'agentId'
  | 'beadId'
  | 'rigId'
  | 'runnerId'
  | 'generation'
  | 'attempt'
  | 'model'
  | 'modelConfig'
  | 'agentKind'
  | 'branch'
  | 'timeoutMs'
>;
export function insertRun(tx: Tx, run: NewRun): void {
  tx.sql.run(
    `INSERT INTO runs (id, agent_id, bead_id, rig_id, runner_id, generation, attempt, state, model, model_config, agent_kind, started_at, branch, timeout_ms)
     VALUES (?,?,?,?,?,?,?,'starting',?,?,?,?,?,?)`,
    run.id,
    run.agentId,
    run.beadId,
    run.rigId,
    run.runnerId,
    run.generation,
    run.attempt,
    run.model,
    packed(run.modelConfig),
    run.agentKind,
    tx.now,
    run.branch,
    run.timeoutMs,
  );
  touchRun(tx, run, 'slots');
}

/**
 * Where a change of a run shows. `itself`: on the run and its agent. `bead`: also on why its bead is not moving. `slots`: also in what rig, runner and town
 * have busy. A bead's row carries its whole text, so it travels only when it must.
 */
export function touchRun(
  tx: Tx,
  run: Pick<Run, 'id' | 'agentId' | 'beadId' | 'rigId' | 'runnerId'>,
  shows: 'agent' | 'itself' | 'bead' | 'slots',
): void {
  touch(tx, 'agents', run.agentId);
  if (shows === 'agent') return;
  touch(tx, 'runs', run.id);
  if (shows === 'itself') return;
  if (run.beadId) touch(tx, 'beads', run.beadId);
  if (shows === 'bead' || !run.rigId) return;
  touch(tx, 'rigs', run.rigId);
  touch(tx, 'runners', run.runnerId);
  touchTown(tx);
}
/** These are not on the run's row, only on its agent's. */
const OF_AGENT: readonly string[] = [
  'lease_until',
  'last_activity_at',
  'status_line',
  'begun_at',
  'timeout_ms',
  'prods',
  'prodded_at',
  'warnings',
  'trouble',
  'asks_since',
];

type Column =
  | 'lease_until'
  | 'last_activity_at'
  | 'status_line'
  | 'session_id'
  | 'instance'
  | 'nudge_id'
  | 'reminders'
  | 'failure'
  | 'head_commit'
  | 'commits'
  | 'summary'
  | 'done_at'
  | 'model'
  | 'model_config'
  | 'begun_at'
  | 'timeout_ms'
  | 'prods'
  | 'prodded_at'
  | 'warnings'
  | 'trouble'
  | 'asks_since';
type Patch = Partial<Record<Column, SqlValue>>;

export function updateRun(tx: Tx, run: Run, patch: Patch): void {
  const { set, values } = assignments(patch as Record<string, SqlValue>);
  tx.sql.run(`UPDATE runs SET ${set} WHERE id = ?`, ...values, run.id);
  if (turnsSilent(run, patch) || movesEnd(tx, run, patch)) return touchRun(tx, run, 'bead');
  touchRun(tx, run, Object.keys(patch).every((column) => OF_AGENT.includes(column)) ? 'agent' : 'itself');
}
/** Its bead says whether it works or is silent. */
function turnsSilent(run: Run, { last_activity_at: heard = run.lastActivityAt, prodded_at: seen = run.proddedAt }: Patch): boolean {
  return isSilent(run) !== isSilent({ lastActivityAt: heard as number | null, proddedAt: seen as number | null });
}

/** While its runner is away, its bead says when it is given up. */
const movesEnd = (tx: Tx, run: Run, { lease_until: until }: Patch): boolean =>
  until !== undefined && until !== run.leaseUntil && findLink(tx.sql, run.runnerId)?.connected === false;

/** Moves a live run to another live state; an impossible move is a bug, callers look at the state first. */
export function setRunState(tx: Tx, run: Run, to: Exclude<RunState, 'ended'>, patch: Patch): void {
  if (run.state !== to && !mayMove(RUN_MOVES, run.state, to)) throw new Error(`run ${run.id}: ${run.state} cannot become ${to}`);
  const { set, values } = assignments({ ...patch, state: to } as Record<string, SqlValue>);
  tx.sql.run(`UPDATE runs SET ${set} WHERE id = ?`, ...values, run.id);
  touchRun(tx, run, run.state === 'starting' || turnsSilent(run, patch) || movesEnd(tx, run, patch) ? 'bead' : 'itself');
}

export function endRun(tx: Tx, run: Run, endReason: NonNullable<Run['endReason']>, failure: Failure | null): void {
  if (run.state === 'ended') return;
  tx.ended.add(run.id);
  tx.sql.run(
    `UPDATE runs SET state = 'ended', end_reason = ?, failure = ?, ended_at = ?, lease_until = NULL, status_line = NULL WHERE id = ?`,
    endReason,
    packed(failure),
    tx.now,
    run.id,
  );
  touchRun(tx, run, 'slots');
}
