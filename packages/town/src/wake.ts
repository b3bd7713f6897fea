import type { Sql } from './api.ts';
import { theMayor } from './agents/store.ts';
import { nextDeferral, nextRetry } from './beads/ready.ts';
import { readTown } from './config/store.ts';
import { idleStopAt, runnerIsNeeded } from './container/rule.ts';
import { readContainer } from './container/store.ts';
import { runnerListens } from './effects/take.ts';
import { nextExpiry } from './messages/store.ts';
import { Places } from './outbox/places.ts';
import { isPoison } from './outbox/retry.ts';
import { allEffects, forRunner } from './outbox/store.ts';
import { nextWatch } from './patrols/rules.ts';
import { readBreaker } from './runs/breaker.ts';
import { liveRuns } from './runs/store.ts';

/** The earliest time at which something is due, from the rows alone; null when the town only waits for others (P7). */
export function nextWake(sql: Sql): number | null {
  const town = readTown(sql);
  if (!town) return null;
  const effects = dueEffects(sql);
  const times = town.deletedAt === null ? [...effects, ...dueInside(sql)] : effects;
  return times.length === 0 ? null : Math.min(...times);
}

/** Effects for a runner that is not there wait for its hello, and those without a place for one that is done; not for a time. */
function dueEffects(sql: Sql): number[] {
  const effects = allEffects(sql);
  const listens = effects.length > 0 && runnerListens(sql);
  const places = new Places(effects);
  return effects.flatMap((effect) => {
    if (isPoison(effect)) return effect.dueAt;
    const waitsForTime = effect.state === 'sent' || (places.isNext(effect) && places.hasPlace(effect));
    return waitsForTime && (listens || !forRunner(effect)) ? effect.dueAt : [];
  });
}

function dueInside(sql: Sql): number[] {
  const container = readContainer(sql);
  const idleStop = container.state === 'running' && !runnerIsNeeded(sql) ? idleStopAt(sql) : null;
  const leases = liveRuns(sql).map((run) => run.leaseUntil);
  const all = [
    ...leases,
    nextRetry(sql),
    nextDeferral(sql),
    nextExpiry(sql),
    nextWatch(sql),
    readBreaker(sql).holdUntil,
    theMayor(sql).retryAt,
    container.dueAt,
    idleStop,
  ];
  return all.filter((time) => time !== null);
}
