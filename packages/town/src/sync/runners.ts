import { HOME_RUNNER, type RunnerRow } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { theTown } from '../config/store.ts';
import { allLinks } from '../links/store.ts';
import { allRunners } from '../runners/store.ts';
import { busyByRunner } from '../runners/view.ts';
import { liveRuns } from '../runs/store.ts';

/** The replica rows of runners. Tokens are never here, only which one is good (CF-4). */
export function runnerRows(sql: Sql, ids: ReadonlySet<string> | null): RunnerRow[] {
  const links = new Map(allLinks(sql).map((link) => [link.runnerId, link]));
  const busy = busyByRunner(liveRuns(sql));
  return allRunners(sql)
    .filter(({ id }) => !ids || ids.has(id))
    .map((runner) => {
      const link = links.get(runner.id);
      return {
        id: runner.id,
        name: runner.name,
        kind: runner.kind,
        createdAt: runner.id === HOME_RUNNER ? theTown(sql).createdAt : runner.createdAt,
        rigs: runner.rigs && [...runner.rigs],
        places: runner.places,
        busy: busy.get(runner.id) ?? 0,
        paused: runner.paused,
        connected: link?.connected ?? false,
        linkSince: link?.since ?? null,
        drainingAt: link?.drainingAt ?? null,
        failure: link?.failure ?? null,
        isolation: link?.isolation ?? null,
        agentKinds: link?.agentKinds ?? [],
        tokenSerial: runner.kind === 'machine' ? runner.tokenSerial : null,
      };
    });
}
