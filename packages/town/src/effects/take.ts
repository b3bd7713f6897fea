import { HOME_RUNNER } from '@gastown/protocol';
import type { DueEffect, Sql } from '../api.ts';
import { readTown } from '../config/store.ts';
import { readContainer } from '../container/store.ts';
import { allLinks } from '../links/store.ts';
import { findMerge } from '../merges/store.ts';
import { Places } from '../outbox/places.ts';
import { isPoison, poisoned, timeoutMs } from '../outbox/retry.ts';
import { allEffects, forRunner, markSent, removeEffect, type Effect, type EffectKind } from '../outbox/store.ts';
import { gatesOf } from '../rigs/gates.ts';
import { findRig } from '../rigs/store.ts';
import { parseRunSubject } from '../runs/begin.ts';
import { setupMs, setupOf, setupOfMerge } from '../runs/setup.ts';
import { findRun } from '../runs/store.ts';
import type { Tx } from '../tx.ts';
import { buildEffect } from './build.ts';

/** Which effects may go out to their runners now. One that is ending gets what ends or goes on with what it has, and nothing new (DR-1); one that does not answer gets nothing. */
export function takenByRunner(sql: Sql, effects: readonly Effect[]): (effect: Effect) => boolean {
  if (effects.length === 0) return () => false;
  const links = new Map(allLinks(sql).map((link) => [link.runnerId, link]));
  const containerUp = ['running', 'starting', 'stopped'].includes(readContainer(sql).state);
  return ({ kind, runnerId }) => {
    const link = runnerId === null ? undefined : links.get(runnerId);
    if (!link?.connected || link.failure !== null || (runnerId === HOME_RUNNER && !containerUp)) return false;
    return link.drainingAt === null || GOES_ON.includes(kind);
  };
}
const GOES_ON: readonly EffectKind[] = ['run.stop', 'run.interrupt', 'permission.answer', 'merge.land'];

/** Hands out what is due, the oldest of each target first, and marks it sent. What has lost its subject is dropped here. */
export function takeDue(tx: Tx): DueEffect[] {
  if (!readTown(tx.sql)) return [];
  const effects = allEffects(tx.sql);
  const taken = takenByRunner(tx.sql, effects);
  const places = new Places(effects);
  const due: DueEffect[] = [];
  for (const effect of effects) {
    if (!places.isNext(effect) || isPoison(effect) || effect.dueAt > tx.now || (forRunner(effect) && !taken(effect))) continue;
    if (!places.hasPlace(effect)) continue;
    const built = made(tx, effect);
    if (built === 'poison') continue;
    if (built === null) {
      removeEffect(tx, effect);
      places.letNext(effect);
      continue;
    }
    markSent(tx, effect, timeLimitOf(tx.sql, effect));
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
/** A start may take as long as what prepares its worktree (AG-22), a test as long as that and its gates. */
export function timeLimitOf(sql: Sql, effect: Effect): number {
  if (effect.kind === 'run.start') {
    const run = findRun(sql, parseRunSubject(effect.subject).runId);
    return timeoutMs(effect.kind, 0, run ? setupMs(setupOf(sql, run)) : 0);
  }
  const merge = effect.kind === 'merge.test' ? findMerge(sql, effect.subject) : null;
  const rig = merge && findRig(sql, merge.rigId);
  const gates = rig ? gatesOf(sql, rig).length : 0;
  return timeoutMs(effect.kind, gates, rig && gates > 0 ? setupMs(setupOfMerge(sql, rig)) : 0);
}
