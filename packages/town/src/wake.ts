import { HOME_RUNNER } from '@gastown/protocol';
import type { Sql } from './api.ts';
import { theMayor } from './agents/store.ts';
import { nextDeferral, nextRetry } from './beads/ready.ts';
import { readTown } from './config/store.ts';
import { idleStopAt, runnerIsNeeded } from './container/rule.ts';
import { readContainer } from './container/store.ts';
import { wedgedAt } from './links/doubt.ts';
import { takenByRunner } from './effects/take.ts';
import { allLinks, type Link } from './links/store.ts';
import { nextExpiry } from './messages/store.ts';
import { Places } from './outbox/places.ts';
import { isPoison } from './outbox/retry.ts';
import { allEffects, forRunner } from './outbox/store.ts';
import { nextAlertEnd } from './patrols/alerts.ts';
import { nextRaise } from './patrols/raise.ts';
import { nextWatch } from './patrols/rules.ts';
import { nextPermissionEnd } from './permissions/store.ts';
import { readBreaker } from './runs/breaker.ts';
import { liveRuns } from './runs/store.ts';

/** The earliest time at which something is due, from the rows alone; null when the town only waits for others (P7). */
export function nextWake(sql: Sql): number | null {
  const times = dueTimes(sql).map(([, at]) => at);
  return times.length === 0 ? null : Math.min(...times);
}

/** What is due, when, and of which run or target. */
export type Due = readonly [what: DueKind, at: number, of: string];
type DueKind =
  | 'effect'
  | 'lease'
  | 'retry'
  | 'deferral'
  | 'message'
  | 'permission'
  | 'watch'
  | 'raise'
  | 'alert'
  | 'breaker'
  | 'model'
  | 'Mayor'
  | 'container'
  | 'wedged'
  | 'away'
  | 'quiet';
export function dueTimes(sql: Sql): Due[] {
  const town = readTown(sql);
  if (!town) return [];
  const effects = dueEffects(sql);
  const all = town.deletedAt === null ? [...effects, ...dueInside(sql)] : effects;
  return all.filter(([, at]) => at <= FARTHEST);
}
/** In 2188; the platform refuses alarms after 2189. Other tools write the year 9999 where they mean never. */
const FARTHEST = 6_900_000_000_000;

/** Effects for a runner that is not there wait for its hello, and those without a place for one that is done; not for a time. */
function dueEffects(sql: Sql): Due[] {
  const effects = allEffects(sql);
  const taken = takenByRunner(sql, effects);
  const places = new Places(effects);
  return effects.flatMap((effect): Due[] => {
    const due: Due = ['effect', effect.dueAt, `${effect.kind} for ${effect.target}`];
    if (isPoison(effect)) return [due];
    const waitsForTime = effect.state === 'sent' || (places.isNext(effect) && places.hasPlace(effect));
    return waitsForTime && (effect.state === 'sent' || !forRunner(effect) || taken(effect)) ? [due] : [];
  });
}

function dueInside(sql: Sql): Due[] {
  const container = readContainer(sql);
  const idleStop = container.state === 'running' && !runnerIsNeeded(sql) ? idleStopAt(container) : null;
  const all: readonly (readonly [DueKind, number | null, string])[] = [
    ...liveRuns(sql).map((run) => ['lease', run.leaseUntil, run.id] as const),
    ['retry', nextRetry(sql), ''],
    ['deferral', nextDeferral(sql), ''],
    ['message', nextExpiry(sql), ''],
    ['permission', nextPermissionEnd(sql), ''],
    ['watch', nextWatch(sql), ''],
    ['raise', nextRaise(sql), ''],
    ['alert', nextAlertEnd(sql), ''],
    ['breaker', readBreaker(sql).holdUntil, ''],
    ['model', readBreaker(sql).provider?.until ?? null, ''],
    ['Mayor', theMayor(sql).retryAt, ''],
    ['container', container.dueAt, ''],
    ...allLinks(sql).flatMap((link) => linkDues(link, container.state === 'running')),
    ['quiet', idleStop, ''],
  ];
  return all.filter((due): due is Due => due[1] !== null);
}

function linkDues(link: Link, containerRuns: boolean): (readonly [DueKind, number | null, string])[] {
  const restartable = link.runnerId !== HOME_RUNNER || containerRuns;
  return [
    ['wedged', restartable ? wedgedAt(link) : null, link.runnerId],
    ['away', link.awayUntil, link.runnerId],
  ];
}
