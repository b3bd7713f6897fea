import type { DueEffect, Sql } from '../api.ts';
import { readTown } from '../config/store.ts';
import { readContainer } from '../container/store.ts';
import { readLink } from '../links/store.ts';
import { findMerge } from '../merges/store.ts';
import { timeoutMs } from '../outbox/retry.ts';
import { allEffects, forRunner, markSent, removeEffect, type Effect } from '../outbox/store.ts';
import { findRig } from '../rigs/store.ts';
import type { Tx } from '../tx.ts';
import { buildEffect } from './build.ts';

/** May effects for the runner go out now? */
export const runnerListens = (sql: Sql): boolean => readLink(sql).connected && readContainer(sql).state !== 'stopping';

/** Hands out what is due, the oldest of each target first, and marks it sent. What has lost its subject is dropped here. */
export function takeDue(tx: Tx): DueEffect[] {
  if (!readTown(tx.sql)) return [];
  const effects = allEffects(tx.sql);
  const listens = effects.length > 0 && runnerListens(tx.sql);
  const busy = new Set<string>();
  const due: DueEffect[] = [];
  for (const effect of effects) {
    if (effect.state === 'parked' || busy.has(effect.target)) continue;
    const goesNow = effect.state === 'pending' && effect.dueAt <= tx.now && (listens || !forRunner(effect));
    const built = goesNow ? buildEffect(tx.sql, effect) : null;
    if (goesNow && !built) {
      removeEffect(tx, effect);
      continue;
    }
    busy.add(effect.target);
    if (!built) continue;
    markSent(tx, effect, tx.now + timeoutMs(effect.kind, gatesOf(tx, effect)));
    due.push(built);
  }
  return due;
}
function gatesOf(tx: Tx, effect: Effect): number {
  const merge = effect.kind === 'merge.test' ? findMerge(tx.sql, effect.subject) : null;
  return (merge && findRig(tx.sql, merge.rigId)?.gates.length) ?? 0;
}
