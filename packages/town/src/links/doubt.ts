import { LIMITS } from '@gastown/protocol';
import type { Tx } from '../tx.ts';
import { readLink, setDoubt, type Link } from './store.ts';

/**
 * A runner that is connected and does not answer. While it owes something it says something twice within a lease, if only that it is at it; so who let a time limit pass and was
 * not heard of since is doubted, and one that then stays silent for `runnerDoubtMs` is restarted. So is one that was asked to end and does not.
 */
export function doubtRunner(tx: Tx, owesSince: number): void {
  const link = readLink(tx.sql);
  if (link.connected && link.doubtedAt === null && (link.heardAt ?? 0) <= owesSince) setDoubt(tx, tx.now);
}

/** When a runner that stays silent is given up. */
export function wedgedAt({ connected, doubtedAt, drainUntil }: Link): number | null {
  if (!connected) return null;
  const times = [doubtedAt === null ? null : doubtedAt + LIMITS.runnerDoubtMs.value, drainUntil].filter((at) => at !== null);
  return times.length === 0 ? null : Math.min(...times);
}
