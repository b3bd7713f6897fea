import { LIMITS, type AgentId, type BeadId, type EventRow } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { first, idList, int, intOrNull, json, list, one, rowChunks, text, textOrNull, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

/** The ledger is append-only: one event for each change of a bead's status (I6), and one for what else a person should see. */
export interface NewEvent {
  readonly type: string;
  readonly beadId?: string | null;
  readonly agentId?: string | null;
  readonly before?: string | null;
  readonly after?: string | null;
  readonly data?: Readonly<Record<string, unknown>>;
}

export function record(tx: Tx, event: NewEvent): void {
  const id = lastEventId(tx.sql) + 1;
  const { actor } = tx;
  tx.sql.run(
    `INSERT INTO bead_events (id, at, type, bead_id, agent_id, actor, actor_kind, cause, before, after, data) VALUES (?,?,?,?,?,?,?,?,?,?,?)`,
    id,
    tx.now,
    event.type,
    event.beadId ?? null,
    event.agentId ?? null,
    actor.kind === 'person' ? actor.name : actor.kind === 'agent' ? actor.id : actor.kind,
    actor.kind,
    tx.cause,
    event.before ?? null,
    event.after ?? null,
    JSON.stringify(event.data ?? {}),
  );
  touch(tx, 'events', String(id));
}

/** Many events of one cause, in this order, by few statements. */
export function recordAll(tx: Tx, events: readonly NewEvent[]): void {
  const last = first(tx.sql, 'SELECT max(id) AS id FROM bead_events');
  const start = ((last && intOrNull(last, 'id')) ?? 0) + 1;
  const { actor } = tx;
  const said = events.map((event, at) => ({ ...event, id: start + at, data: JSON.stringify(event.data ?? {}) }));
  for (const rows of rowChunks(said))
    tx.sql.run(
      `INSERT INTO bead_events (id, at, type, bead_id, agent_id, actor, actor_kind, cause, before, after, data)
       SELECT value ->> 'id', ?, value ->> 'type', value ->> 'beadId', value ->> 'agentId', ?, ?, ?, value ->> 'before', value ->> 'after', value ->> 'data'
       FROM json_each(?) ORDER BY key`,
      tx.now,
      actor.kind === 'person' ? actor.name : actor.kind === 'agent' ? actor.id : actor.kind,
      actor.kind,
      tx.cause,
      rows,
    );
  for (const { id } of said) touch(tx, 'events', String(id));
}

const toEvent = (row: Row): EventRow => ({
  id: int(row, 'id'),
  at: int(row, 'at'),
  type: text(row, 'type'),
  beadId: textOrNull(row, 'bead_id') as BeadId | null,
  agentId: textOrNull(row, 'agent_id') as AgentId | null,
  actor: text(row, 'actor'),
  before: textOrNull(row, 'before'),
  after: textOrNull(row, 'after'),
  data: { ...json<EventRow['data']>(row, 'data'), cause: text(row, 'cause') },
});

export const eventRows = (sql: Sql, ids: Iterable<string>): EventRow[] =>
  list(sql, toEvent, 'SELECT * FROM bead_events WHERE id IN (SELECT CAST(value AS INTEGER) FROM json_each(?)) ORDER BY id', idList(ids));

export const newestEvents = (sql: Sql, limit: number): EventRow[] =>
  list(sql, toEvent, 'SELECT * FROM bead_events ORDER BY id DESC LIMIT ?', limit).toReversed();

/** The newest after an event, oldest first, as many as a feed holds: of what one cause did at one moment only the newest, so that an import leaves room for what was before it. */
export function feedEvents(sql: Sql, after = 0): EventRow[] {
  const most = LIMITS.feedEvents.value;
  const kept: EventRow[] = [];
  const seen = new Map<string, number>();
  for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null && kept.length < most;) {
    const page: EventRow[] = list(
      sql,
      toEvent,
      'SELECT * FROM bead_events WHERE id < ? AND id > ? ORDER BY id DESC LIMIT ?',
      before,
      after,
      most,
    );
    for (const event of page) {
      const count = (seen.get(momentOf(event)) ?? 0) + 1;
      seen.set(momentOf(event), count);
      if (count <= LIMITS.feedEventsAtOnce.value) kept.push(event);
    }
    const last = page.at(-1);
    before = page.length < most || !last ? null : seen.get(momentOf(last))! < LIMITS.feedEventsAtOnce.value ? last.id : startOf(sql, last);
  }
  return kept.slice(0, most).toReversed();
}
const momentOf = ({ at, data }: EventRow): string => `${at} ${String(data['cause'])}`;
/** Where what this event is the middle of began: events before that are others. */
function startOf(sql: Sql, { id, at, data }: EventRow): number | null {
  const row = first(
    sql,
    'SELECT id FROM bead_events WHERE id < ? AND (at <> ? OR cause <> ?) ORDER BY id DESC LIMIT 1',
    id,
    at,
    String(data['cause']),
  );
  return row ? int(row, 'id') + 1 : null;
}

/** Oldest first. */
export const eventsAfter = (sql: Sql, id: number): EventRow[] =>
  list(sql, toEvent, 'SELECT * FROM bead_events WHERE id > ? ORDER BY id', id);
export const eventsOf = (sql: Sql, beadId: string): EventRow[] =>
  list(sql, toEvent, 'SELECT * FROM bead_events WHERE bead_id = ? ORDER BY id', beadId);
/** How a bead began. */
export const beginningOf = (sql: Sql, beadId: string): EventRow | null =>
  one(sql, toEvent, 'SELECT * FROM bead_events WHERE bead_id = ? ORDER BY id LIMIT 1', beadId);
/** `turns`: of these only that they ended, failed or went on after that, and not before a time. */
export interface EventsOf {
  readonly all: Iterable<string>;
  readonly turns: Iterable<string>;
  readonly since: number;
}
/** Of any of these beads, the newest first, before an event. */
export const eventsBefore = (sql: Sql, { all, turns, since }: EventsOf, before: number, limit: number): EventRow[] =>
  list(
    sql,
    toEvent,
    `SELECT * FROM bead_events WHERE id < ? AND (bead_id IN (SELECT value FROM json_each(?))
       OR (("after" IN ('closed', 'failed') OR "before" IN ('closed', 'failed')) AND at >= ? AND bead_id IN (SELECT value FROM json_each(?))))
     ORDER BY id DESC LIMIT ?`,
    before,
    idList(all),
    since,
    idList(turns),
    limit,
  );
/** The event that put a bead where it is. */
export const lastMoveOf = (sql: Sql, beadId: string): EventRow | null =>
  one(sql, toEvent, 'SELECT * FROM bead_events WHERE bead_id = ? AND "after" IS NOT NULL ORDER BY id DESC LIMIT 1', beadId);
export function lastEventId(sql: Sql): number {
  const row = first(sql, 'SELECT max(id) AS id FROM bead_events');
  return (row && intOrNull(row, 'id')) ?? 0;
}
