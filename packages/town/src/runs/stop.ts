import { failure } from '@gastown/protocol';
import { theTown } from '../config/store.ts';
import { dropEffects, effectsFor } from '../outbox/store.ts';
import { mergeTarget } from '../merges/queue.ts';
import { busyLanes, frontOf, setPhase } from '../merges/store.ts';
import type { Tx } from '../tx.ts';
import { endRun, liveRuns } from './store.ts';

/** Rule: in a stopped town no run lives, and no merge result is built or landed: what the runner has not got yet goes back in line. */
export function obeyStop(tx: Tx): void {
  if (!theTown(tx.sql).stopped) return;
  for (const run of liveRuns(tx.sql)) {
    if (run.doneAt !== null) endRun(tx, run, 'done', null);
    else endRun(tx, run, 'stopped', failure('town_stopped'));
  }
  for (const lane of busyLanes(tx.sql)) putBack(tx, lane);
}

function putBack(tx: Tx, lane: string): void {
  const front = frontOf(tx.sql, lane);
  if (!front || front.phase === 'queued') return;
  const target = mergeTarget(front.id);
  if (!effectsFor(tx.sql, target).some((effect) => effect.state === 'pending')) return;
  dropEffects(tx, target);
  setPhase(tx, front, 'queued');
}
