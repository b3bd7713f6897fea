import type { RunnerId } from '@gastown/protocol';
import { allEffects, isErrand, placeEffect, type Effect } from '../outbox/store.ts';
import type { Tx } from '../tx.ts';
import { rigOf } from './may-use.ts';
import { place, takersOf, type Placeable } from './placing.ts';
import { placeables } from './view.ts';

/** Rule: what any runner may do is given to one that takes the rig. Who got it keeps it, unless it is gone or does not take the rig any more. */
export function placeErrands(tx: Tx): void {
  const errands = allEffects(tx.sql).filter((effect) => isErrand(effect) && effect.state === 'pending');
  if (errands.length === 0) return;
  const runners = placeables(tx.sql, false);
  for (const errand of errands) {
    const runnerId = runnerFor(runners, errand, rigOf(tx.sql, errand));
    if (runnerId !== errand.runnerId) placeEffect(tx, errand, runnerId);
  }
}
function runnerFor(runners: readonly Placeable[], { runnerId, handed }: Effect, rigId: string | null): RunnerId | null {
  if (rigId === null) return runnerId;
  const holder = takersOf(runners, rigId).filter(({ id }) => id === runnerId);
  const keeps = holder.length > 0 && (handed > 0 || place([{ ...holder[0]!, rigs: null }], rigId, 'look') !== null);
  return keeps ? runnerId : place(runners, rigId, 'look');
}
