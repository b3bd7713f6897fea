import { failure, ok, refuse, type Result, type RunnerId, type RunnerSelf } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { readTown } from '../config/store.ts';
import { findRig } from '../rigs/store.ts';
import { findRunner } from './store.ts';

/** Who a machine is to this town, in words that a person at the machine knows. */
export function runnerSelf(sql: Sql, runnerId: RunnerId): Result<RunnerSelf> {
  const town = readTown(sql);
  const runner = findRunner(sql, runnerId);
  if (!town || !runner) return refuse(failure('unknown_runner'));
  const { id, name, places, paused } = runner;
  return ok({
    town: { id: town.id, name: town.name },
    runner: { id, name },
    rigs: runner.rigs && runner.rigs.map((rigId) => findRig(sql, rigId)?.name ?? rigId),
    places,
    paused,
  });
}
