import type { Failure, RunnerId } from '@gastown/protocol';
import { mergeTarget, putBack } from '../merges/queue.ts';
import { mergesUnderWay } from '../merges/store.ts';
import { allEffects, effectsFor, isErrand, placeEffect, sentAgain } from '../outbox/store.ts';
import { runTarget } from '../runs/begin.ts';
import { endRun, liveRuns } from '../runs/store.ts';
import type { Tx } from '../tx.ts';

/**
 * What a machine held goes to others (design/runner.md §5). Its runs end at nobody's cost, and their beads go on from the branch that was pushed; merges are built and tested
 * anew; errands are anybody's again. Whatever the machine still says of any of it is fenced off.
 */
export function handBack(tx: Tx, runnerId: RunnerId, why: Failure): void {
  for (const run of liveRuns(tx.sql)) {
    if (run.runnerId !== runnerId) continue;
    if (run.doneAt !== null) endRun(tx, run, 'done', null);
    else endRun(tx, run, 'failed', why);
  }
  for (const merge of mergesUnderWay(tx.sql)) if (merge.runnerId === runnerId) putBack(tx, merge);
  sentAgain(tx, runnerId);
  for (const effect of allEffects(tx.sql)) if (effect.runnerId === runnerId && isErrand(effect)) placeEffect(tx, effect, null);
}

/** Nobody has begun these yet: the same, for less. `at`: of which runner, and of which rig. */
export function handBackUnbegun(tx: Tx, at: (runnerId: RunnerId, rigId: string) => boolean, why: Failure): void {
  const waits = (target: string): boolean => {
    const first = effectsFor(tx.sql, target).find((effect) => effect.state !== 'parked');
    return first?.state === 'pending' && first.handed === 0;
  };
  for (const run of liveRuns(tx.sql))
    if (run.rigId !== null && run.state === 'starting' && at(run.runnerId, run.rigId) && waits(runTarget(run.id)))
      endRun(tx, run, 'failed', why);
  for (const merge of mergesUnderWay(tx.sql))
    if (merge.phase === 'testing' && merge.runnerId !== null && at(merge.runnerId, merge.rigId) && waits(mergeTarget(merge.id)))
      putBack(tx, merge);
}
