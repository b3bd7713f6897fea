import { LIMITS } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { allLinks, type Link } from '../links/store.ts';
import { leaseEnd } from '../runs/reports.ts';
import { findRun, liveRuns, updateRun, type Run } from '../runs/store.ts';
import type { Tx } from '../tx.ts';
import { decide, withdraw } from './commands.ts';
import { openPermissions } from './store.ts';

/** Due work: nobody answered for so long that nobody will; the agent goes on without. */
export function expirePermissions(tx: Tx): void {
  const hours = Math.round(LIMITS.permissionWaitMs.value / 3_600_000);
  for (const asked of openPermissions(tx.sql))
    if (asked.until <= tx.now) decide(tx, asked, 'deny', `Nobody answered within ${hours} hours.`);
}

/** Rule: a question lives as long as the turn that asks it; a run that waits for a person has no lease while its runner is there. */
export function settlePermissions(tx: Tx): void {
  for (const asked of openPermissions(tx.sql)) {
    const run = findRun(tx.sql, asked.runId);
    if (run?.state !== 'working') withdraw(tx, asked, !run || run.state === 'ended' ? 'The run is over.' : 'The turn is over.');
  }
  const asking = new Set(openPermissions(tx.sql).map((one) => one.runId));
  const links = asking.size > 0 ? allLinks(tx.sql) : [];
  for (const run of liveRuns(tx.sql)) {
    const asks = asking.has(run.id);
    if (asks !== (run.asksSince !== null)) keepTime(tx, run, asks);
    if (run.state === 'working') keepLease(tx, run, asks && holds(links, run));
  }
}

/** What a person thinks over is no time of the bead's (ST-12). */
function keepTime(tx: Tx, run: Run, asks: boolean): void {
  if (asks || run.asksSince === null) return updateRun(tx, run, { asks_since: tx.now });
  const timeout = run.timeoutMs === null ? {} : { timeout_ms: run.timeoutMs + tx.now - run.asksSince };
  updateRun(tx, run, { asks_since: null, ...timeout });
}

/** Presence on the link is enough while it waits: no time passes for it. When it goes on, its silence begins anew. */
function keepLease(tx: Tx, run: Run, waits: boolean): void {
  if (waits && run.leaseUntil !== null) updateRun(tx, run, { lease_until: null });
  if (!waits && run.leaseUntil === null) updateRun(tx, run, { lease_until: leaseEnd(tx), last_activity_at: tx.now });
}
const holds = (links: readonly Link[], run: Pick<Run, 'instance' | 'runnerId'>): boolean =>
  links.some((link) => link.runnerId === run.runnerId && link.connected && link.failure === null && link.instance === run.instance);

/** Does this run wait for a person, and nothing else can be expected of it? */
export const asksNow = (sql: Sql, runId: string): boolean => openPermissions(sql).some((one) => one.runId === runId);
