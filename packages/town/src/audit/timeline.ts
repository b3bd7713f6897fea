import { Failure, type BeadEvents, type BeadEventsQuery, type BeadTimeline } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { membersOf } from '../beads/membership.ts';
import { findBead } from '../beads/store.ts';
import { eventsBefore, eventsOf } from '../ledger/store.ts';
import { mergesOfBeads } from '../merges/store.ts';

/** Everything that the ledger says of a bead, oldest first; null when neither it nor the tables know one. */
export function timeline(sql: Sql, beadId: string): BeadTimeline | null {
  const events = eventsOf(sql, beadId);
  const bead = findBead(sql, beadId);
  if (events.length === 0 && !bead) return null;
  return {
    id: beadId,
    title: bead?.title ?? '',
    status: bead?.status ?? 'gone',
    events: events.map(({ id, at, type, actor, before, after, agentId, data }) => {
      const { cause, failure, ...rest } = data;
      const why = Failure.safeParse(failure);
      return {
        id,
        at,
        type,
        actor,
        cause: String(cause),
        before,
        after,
        agent: agentId,
        failure: why.success ? why.data : null,
        data: rest,
      };
    }),
  };
}

/** The same for a page, which tells of the bead's merges too, and of a convoy's beads what moves it: as much as is asked for, newest first. */
export function beadEvents(sql: Sql, beadId: string, { before = Number.MAX_SAFE_INTEGER, limit }: BeadEventsQuery): BeadEvents | null {
  const bead = findBead(sql, beadId);
  if (!bead) return null;
  const all = [beadId, ...mergesOfBeads(sql, [beadId]).map(({ id }) => id)];
  const turns = bead.type === 'convoy' ? membersOf(sql, beadId).map(({ id }) => id) : [];
  const found = eventsBefore(sql, { all, turns, since: bead.createdAt }, before, limit + 1);
  return { events: found.slice(0, limit), earlier: found.length > limit };
}
