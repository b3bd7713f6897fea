import type { DueEffect, Sql } from '../api.ts';
import { readTown } from '../config/store.ts';
import { readContainer } from '../container/store.ts';
import { readLink } from '../links/store.ts';
import { findMerge } from '../merges/store.ts';
import { Places } from '../outbox/places.ts';
import { isPoison, poisoned, timeoutMs } from '../outbox/retry.ts';
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
  const places = new Places(effects);
  const due: DueEffect[] = [];
  for (const effect of effects) {
    if (!places.isNext(effect) || isPoison(effect) || effect.dueAt > tx.now || !(listens || !forRunner(effect))) continue;
    if (!places.hasPlace(effect)) continue;
    const built = made(tx, effect);
    if (built === 'poison') continue;
    if (built === null) {
      removeEffect(tx, effect);
      places.letNext(effect);
      continue;
    }
    markSent(tx, effect, tx.now + timeoutMs(effect.kind, gatesOf(tx, effect)));
    places.sent(effect);
    due.push(built);
  }
  return due;
}

/** One that cannot be made must not take the command of this transaction with it, nor anybody's effects: it is tried later, and given up by the next wake (RC-9). */
function made(tx: Tx, effect: Effect): DueEffect | null | 'poison' {
  try {
    return buildEffect(tx.sql, effect);
  } catch (error) {
    poisoned(tx, effect, error);
    return 'poison';
  }
}
function gatesOf(tx: Tx, effect: Effect): number {
  const merge = effect.kind === 'merge.test' ? findMerge(tx.sql, effect.subject) : null;
  return (merge && findRig(tx.sql, merge.rigId)?.gates.length) ?? 0;
}
