import type { ConvoyStatus, Wait } from '@gastown/protocol';
import type { Sql } from './api.ts';
import { touchBead, waitingIds, type ConvoyHold } from './beads/store.ts';
import { hasKey, modelInUse, theTown, type TownState } from './config/store.ts';
import type { Rig } from './rigs/store.ts';
import { readBreaker } from './runs/breaker.ts';
import { reachedAt, waitFor, type Reached } from './spend/reached.ts';
import { LISTED } from './sync/changes.ts';
import type { Tx } from './tx.ts';

/** What holds back every bead of the town, or every bead of a rig: the same answer decides dispatch and words the wait (I10). */
const wait = (code: Wait['code'], ref: string | null = null, until: number | null = null): Wait => ({ code, ref, until });

const townSpent = (sql: Sql, town: TownState): Reached | undefined => reachedAt(sql, 'town', [town.id]).get(town.id);

/** A model that may be asked, or why not. A soft limit lets the Mayor answer (MT-5). */
export function modelGate(sql: Sql, town: TownState): Wait | null {
  if (town.stopped) return wait('town_stopped');
  if (!modelInUse(town) || !hasKey(town)) return wait('no_model');
  if (town.modelFailure) return wait('no_model', town.modelFailure.code);
  const { provider } = readBreaker(sql);
  if (provider && provider.until !== null) return wait('model_held', provider.failure.code, provider.until);
  const spent = townSpent(sql, town);
  return spent?.kind === 'hard' ? waitFor(spent) : null;
}

export function townGate(sql: Sql, town: TownState = theTown(sql)): Wait | null {
  if (town.stopped) return wait('town_stopped');
  if (town.paused) return wait('town_paused');
  const model = modelGate(sql, town);
  if (model) return model;
  const spent = townSpent(sql, town);
  if (spent) return waitFor(spent);
  const { holdUntil } = readBreaker(sql);
  return holdUntil === null ? null : wait('retry_later', null, holdUntil);
}

/** These hold back what needs no model as well: a merge request of a stopped or paused town is not tested. */
export const HOLDS_MERGES: readonly Wait['code'][] = ['town_stopped', 'town_paused'];

/** What holds back every start in a rig: also its money, which holds no merge. */
export function startGate(sql: Sql, rig: Rig | null): Wait | null {
  const spent = rig ? reachedAt(sql, 'rig', [rig.id]).get(rig.id) : undefined;
  return rigGate(rig) ?? (spent ? waitFor(spent) : null);
}

/** What the state of a convoy does to its beads: kept on them, so that dispatch and the wait read the same. */
export const convoyHold = ({ status, paused }: { status: ConvoyStatus; paused: boolean }): ConvoyHold | null =>
  status === 'staged' ? 'staged' : status === 'open' && paused ? 'paused' : null;

export function rigGate(rig: Rig | null): Wait | null {
  if (!rig || rig.state === 'removed') return wait('needs_person', rig?.id ?? null);
  if (rig.paused) return wait('rig_paused', rig.id);
  if (rig.state === 'connecting') return wait('rig_connecting', rig.id);
  return rig.state === 'unreachable' ? wait('rig_unreachable', rig.id) : null;
}

/** A condition of the town or of a rig flipped: those who wait for it show another reason now. More than are listed is as good as all: replicas start anew. */
export function touchWaiting(tx: Tx, rigId: string | null = null): void {
  for (const id of waitingIds(tx.sql, rigId, LISTED + 1)) touchBead(tx, id);
}
