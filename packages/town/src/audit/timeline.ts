import { Failure, type BeadTimeline } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { findBead } from '../beads/store.ts';
import { eventsOf } from '../ledger/store.ts';

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
