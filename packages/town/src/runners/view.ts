import { HOME_RUNNER, LIMITS, type Wait } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { theTown } from '../config/store.ts';
import { readContainer, type Container } from '../container/store.ts';
import { allLinks, type Link } from '../links/store.ts';
import { testsUnderWay } from '../merges/store.ts';
import { liveRuns, type Run } from '../runs/store.ts';
import { placingWait, takersOf, type Placeable, type Standing, type Work } from './placing.ts';
import { allRunners, type Runner } from './store.ts';

/** A machine without the agent program that the town's next run wants cannot begin it; the container has what the installation brings. */
function standingOf(runner: Runner, link: Link | undefined, container: Container, busy: number, agentKind: string): Standing {
  if (runner.kind === 'container') {
    if (container.state === 'failed') return 'failed';
    if (container.state === 'stopping') return 'stopping';
  } else {
    if (!link?.connected) return 'away';
    if (link.failure || link.doubtedAt !== null) return 'wedged';
  }
  if (link && link.drainingAt !== null) return 'draining';
  if (runner.paused) return 'paused';
  if (runner.kind === 'machine' && !link?.agentKinds.includes(agentKind)) return 'unfit';
  return runner.places !== null && busy >= runner.places ? 'full' : 'ready';
}

/** Rows that who asks has read already. */
export interface Seen {
  readonly links?: readonly Link[];
  readonly container?: Container;
  readonly runs?: readonly Run[];
}
/** What placing asks, read from the rows as they are now. `tested`: for the test of a merge. */
export function placeables(sql: Sql, tested: boolean, seen: Seen = {}): Placeable[] {
  const links = new Map((seen.links ?? allLinks(sql)).map((link) => [link.runnerId, link]));
  const container = seen.container ?? readContainer(sql);
  const { maxPolecats: most, agentKind } = theTown(sql);
  const busy = busyByRunner(seen.runs ?? liveRuns(sql));
  const tests = tested ? testsUnderWay(sql) : new Map<string, number>();
  return allRunners(sql).map((runner) => {
    const at = busy.get(runner.id) ?? 0;
    return {
      id: runner.id,
      kind: runner.kind,
      rigs: runner.rigs,
      standing: standingOf(runner, links.get(runner.id), container, at, agentKind),
      busy: at,
      places: runner.places ?? most,
      limited: runner.places !== null,
      tests: tests.get(runner.id) ?? 0,
      testPlaces: LIMITS.gateRunsAtOnce.value,
    };
  });
}
/** Polecats at work by runner. The Mayor is in the container and takes nobody's place. */
export function busyByRunner(live: readonly Run[]): Map<string, number> {
  const busy = new Map<string, number>();
  for (const { runnerId, beadId } of live) if (beadId !== null) busy.set(runnerId, (busy.get(runnerId) ?? 0) + 1);
  return busy;
}

/** Why nobody takes work of this rig, as its beads show it. */
export function placeWait(sql: Sql, runners: readonly Placeable[], rigId: string, work: Work): Wait | null {
  const wait = placingWait(runners, rigId, work);
  if (wait?.ref !== HOME_RUNNER || wait.code === 'runner_places' || wait.code === 'runner_paused') return wait;
  return { ...wait, ref: null, until: wait.code === 'container_failed' ? readContainer(sql).dueAt : null };
}

/** Does this runner take the rig now? */
export const takesRig = (sql: Sql, runnerId: string, rigId: string): boolean =>
  takersOf(allRunners(sql), rigId).some((runner) => runner.id === runnerId);
