import { failure, HOME_RUNNER, type RunnerId } from '@gastown/protocol';
import { readContainer } from '../container/store.ts';
import { touchWaiting } from '../gates.ts';
import { handBackUnbegun } from '../links/handback.ts';
import type { Tx } from '../tx.ts';
import { place, withOneMore, type Placeable } from './placing.ts';
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
  if (readContainer(tx.sql).state === 'failed') handOnFromContainer(tx);
}

/** A container that does not start keeps nothing that a machine can do now, and no slot of the town for it (RC-34). */
function handOnFromContainer(tx: Tx): void {
  let runners: readonly Placeable[] = placeables(tx.sql, true);
  const movesOn = (from: RunnerId, rigId: string, work: 'run' | 'test'): boolean => {
    const taker = from === HOME_RUNNER ? place(runners, rigId, work) : null;
    if (taker === null) return false;
    runners = withOneMore(runners, taker, work);
    return true;
  };
  handBackUnbegun(tx, movesOn, failure('container_failed', 'The container did not start; another runner takes this.'));
}
