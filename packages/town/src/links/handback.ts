import { HOME_RUNNER, type Failure, type RunnerId } from '@gastown/protocol';
import { readContainer } from '../container/store.ts';
import { mergeLostItsRunner } from '../merges/outcomes.ts';
import { mergeTarget, putBack } from '../merges/queue.ts';
import { mergesUnderWay } from '../merges/store.ts';
import { allEffects, effectsFor, isErrand, placeEffect, sentAgain } from '../outbox/store.ts';
import { runTarget } from '../runs/begin.ts';
import { endRun, liveRuns, type Run } from '../runs/store.ts';
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
  for (const merge of mergesUnderWay(tx.sql)) if (merge.runnerId === runnerId) mergeLostItsRunner(tx, merge);
  sentAgain(tx, runnerId);
  for (const effect of allEffects(tx.sql)) if (effect.runnerId === runnerId && isErrand(effect)) placeEffect(tx, effect, null);
}

/** Nobody has begun these yet: the same, for less. `at`: of which runner, of which rig, and what; it is asked of nothing else. */
export function handBackUnbegun(tx: Tx, at: (runnerId: RunnerId, rigId: string, work: 'run' | 'test') => boolean, why: Failure): void {
  const isDown = readContainer(tx.sql).state === 'failed';
  const waits = (target: string, evenHanded = false): boolean => {
    const first = effectsFor(tx.sql, target).find((effect) => effect.state !== 'parked');
    return first?.state === 'pending' && (first.handed === 0 || evenHanded);
  };
  /** What a container had that is down now, nobody is at: its start is stopped by the next one. */
  const isUnbegun = ({ id, runnerId, state }: Run): boolean =>
    state === 'starting' && waits(runTarget(id), isDown && runnerId === HOME_RUNNER);
  for (const run of liveRuns(tx.sql))
    if (run.rigId !== null && isUnbegun(run) && at(run.runnerId, run.rigId, 'run')) endRun(tx, run, 'failed', why);
  for (const merge of mergesUnderWay(tx.sql))
    if (merge.phase === 'testing' && merge.runnerId !== null && waits(mergeTarget(merge.id)) && at(merge.runnerId, merge.rigId, 'test'))
      putBack(tx, merge);
}
