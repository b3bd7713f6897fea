import { touchWaiting } from '../gates.ts';
import type { Tx } from '../tx.ts';
import { allRunners, updateRunner } from './store.ts';
import { placeables } from './view.ts';

/** Rule: who waits for a runner hears when one begins, or ceases, to take new work, whatever the cause. */
export function watchStandings(tx: Tx): void {
  if (tx.touched.runners.size === 0) return;
  const now = new Map(placeables(tx.sql, false).map(({ id, standing }) => [id, standing]));
  for (const { id, standing } of allRunners(tx.sql)) {
    const is = now.get(id);
    if (is === undefined || is === standing) continue;
    updateRunner(tx, id, { standing: is });
    touchWaiting(tx);
  }
}
