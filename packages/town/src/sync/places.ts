import type { RigRow, TownRow } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { hasEnvironmentKey, isScripted, modelInUse, theTown } from '../config/store.ts';
import { badLinesByRig } from '../exchange/bad-lines.ts';
import { readContainer } from '../container/store.ts';
import { homeLink } from '../links/store.ts';
import { modelHeld } from '../runs/provider.ts';
import { allRigs } from '../rigs/store.ts';
import { dispatchHeld, readBreaker } from '../runs/breaker.ts';
import { liveRuns } from '../runs/store.ts';
import { limitOf, readLimits } from '../spend/limits.ts';
import { usageOf, usages } from '../spend/store.ts';

/** The replica rows of the town and its rigs. Secrets never leave: only whether one is set, and its last four characters (CF-4). */
export function townRow(sql: Sql): TownRow {
  const town = theTown(sql);
  const { state, since, failure, idleSince } = readContainer(sql);
  const link = homeLink(sql);
  return {
    id: town.id,
    name: town.name,
    createdAt: town.createdAt,
    paused: town.paused,
    stopped: town.stopped,
    container: { state, since, failure, idleSince },
    runnerConnected: link.connected,
    runnerDrainingAt: link.drainingAt,
    model: modelInUse(town),
    roleModels: town.roleModels,
    modelKey: town.keySealed !== null ? town.keyHint : hasEnvironmentKey(town) ? 'env' : null,
    scripted: isScripted(town),
    canRehearse: town.scripted && !isScripted(town),
    agentKind: town.agentKind,
    maxPolecats: town.maxPolecats,
    busyPolecats: liveRuns(sql).filter((run) => run.beadId !== null).length,
    stagedConvoysDefault: town.stagedConvoysDefault,
    budgetMicros: limitOf(readLimits(sql), 'town', town.id)?.hardMicros ?? null,
    usage: usageOf(sql, 'town', town.id),
    gitName: town.gitName,
    gitEmail: town.gitEmail,
    patrols: town.patrols,
    permissions: town.permissions,
    setup: town.setup,
    gates: town.gates,
    isolation: link.isolation,
    modelHeld: modelHeld(readBreaker(sql)),
    dispatchHeld: dispatchHeld(readBreaker(sql)),
  };
}

export function rigRows(sql: Sql, ids: readonly string[]): RigRow[] {
  if (ids.length === 0) return [];
  const live = liveRuns(sql);
  const badLines = badLinesByRig(sql);
  const usage = usages(sql, 'rig', ids);
  return allRigs(sql)
    .filter((rig) => ids.includes(rig.id))
    .map(({ tokenSealed, ...rig }) => ({
      ...rig,
      tokenSet: tokenSealed !== null,
      busyPolecats: live.filter((run) => run.rigId === rig.id).length,
      usage: usage(rig.id),
      badLines: badLines.get(rig.id) ?? null,
    }));
}
