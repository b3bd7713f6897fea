import { failure } from '@gastown/protocol';
import { theTown } from '../config/store.ts';
import { effectsFor, type Effect } from '../outbox/store.ts';
import { mergeTarget, putBack } from '../merges/queue.ts';
import { mergesUnderWay } from '../merges/store.ts';
import type { Tx } from '../tx.ts';
import { endRun, liveRuns } from './store.ts';

/** Rule: in a stopped town no run lives, and no merge result is built or landed: what the runner has not got yet goes back in line. A landing of which nothing was heard may be on main. */
export function obeyStop(tx: Tx): void {
  if (!theTown(tx.sql).stopped) return;
  for (const run of liveRuns(tx.sql)) {
    if (run.doneAt !== null) endRun(tx, run, 'done', null);
    else endRun(tx, run, 'stopped', failure('town_stopped'));
  }
  for (const merge of mergesUnderWay(tx.sql)) {
    if (effectsFor(tx.sql, mergeTarget(merge.id)).some((effect) => effect.state === 'pending' && !mayBeDone(effect))) putBack(tx, merge);
  }
}
const mayBeDone = ({ kind, handed, failure: why }: Effect): boolean => kind === 'merge.land' && handed > 0 && why === null;
