import { LIMITS, type RunnerId } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import type { Tx } from '../tx.ts';
import { findLink, setDoubt, type Link } from './store.ts';

/**
 * A runner that is connected and does not answer. While it owes something it says something twice within a lease, if only that it is at it; so who let a time limit pass and was
 * not heard of since is doubted, and one that then stays silent for `runnerDoubtMs` is restarted, or, a machine, loses what it has. So is one that was asked to end and does not.
 */
export function doubtRunner(tx: Tx, runnerId: RunnerId, owesSince: number): void {
  const link = findLink(tx.sql, runnerId);
  if (link?.connected && link.doubtedAt === null && link.failure === null && isUnheard(tx.sql, runnerId, owesSince))
    setDoubt(tx, runnerId, tx.now);
}
/** Was the runner itself not heard of since then? If so, its agents could not be either, and that is not their fault. */
export const isUnheard = (sql: Sql, runnerId: RunnerId, since: number): boolean => (findLink(sql, runnerId)?.heardAt ?? 0) <= since;

/** When a runner that stays silent is given up. */
export function wedgedAt({ connected, doubtedAt, drainUntil, failure }: Link): number | null {
  if (!connected || failure !== null) return null;
  const times = [doubtedAt === null ? null : doubtedAt + LIMITS.runnerDoubtMs.value, drainUntil].filter((at) => at !== null);
  return times.length === 0 ? null : Math.min(...times);
}
