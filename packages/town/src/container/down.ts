import { LIMITS } from '@gastown/protocol';
import { record } from '../ledger/store.ts';
import { homeLink } from '../links/store.ts';
import { isToCome } from '../over.ts';
import type { Tx } from '../tx.ts';
import { readContainer, setDown, type Container, type Down } from './store.ts';

/**
 * The downtime of the container's runner that nobody wanted, from its first sign to the next hello that counts: one row, so that it is told once, whole, and whatever happens to the object
 * meanwhile (CT-18). A drain, a stop and a rest are wanted, and begin none.
 */
export function noteDown(tx: Tx, after: Down['after'], since: number = tx.now): void {
  const { down } = readContainer(tx.sql);
  if (down === null) setDown(tx, { since, after, instance: homeLink(tx.sql).instance, restarted: false });
  else if (down.after === 'away' && after !== 'away') setDown(tx, { ...down, after });
}

/** Started by the town: the cure of what is down, unless nothing was to be done for a runner for so long that it would have been stopped by now. */
export function startedAnew(tx: Tx, { down, since }: Container): void {
  if (down) setDown(tx, since + LIMITS.mayorIdleStopMs.value <= tx.now ? null : { ...down, restarted: true });
}

/** It is there again. Of one that was only away, for less time than a silent one is given, nothing was told and nothing is: a link that flaps, a new version of the program. */
export function tellRecovered(tx: Tx, { down }: Container): void {
  if (down === null) return;
  setDown(tx, null);
  const { after, restarted, since, instance } = down;
  const downMs = Math.max(0, tx.now - since);
  if (after === 'away' && downMs < LIMITS.runnerDoubtMs.value) return;
  const by = restarted ? 'town' : instance === homeLink(tx.sql).instance ? 'itself' : 'host';
  record(tx, { type: 'runner_recovered', data: { downMs, after, by } });
}

/** It was not down since a time to come: the clock was ahead. */
export function renewDown(tx: Tx, { down }: Container): void {
  if (down && isToCome(down.since, tx.now)) setDown(tx, { ...down, since: tx.now });
}
