import type { Wait } from '@gastown/protocol';
import type { Sql } from './api.ts';
import { unfinished } from './beads/store.ts';
import { touchBead } from './beads/store.ts';
import { hasKey, modelInUse, theTown, type TownState } from './config/store.ts';
import { readContainer } from './container/store.ts';
import type { Rig } from './rigs/store.ts';
import { readBreaker } from './runs/breaker.ts';
import { usageOf } from './spend/store.ts';
import type { Tx } from './tx.ts';

/** What holds back every bead of the town, or every bead of a rig: the same answer decides dispatch and words the wait (I10). */
const wait = (code: Wait['code'], ref: string | null = null, until: number | null = null): Wait => ({ code, ref, until });

export const budgetSpent = (sql: Sql, town: TownState): boolean =>
  town.budgetMicros !== null && usageOf(sql, 'town', town.id).costMicros >= town.budgetMicros;

/** A model that may be asked, or why not. */
export function modelGate(sql: Sql, town: TownState): Wait | null {
  if (!modelInUse(town) || !hasKey(town)) return wait('no_model');
  if (town.modelFailure) return wait('no_model', town.modelFailure.code);
  return budgetSpent(sql, town) ? wait('budget_spent') : null;
}

export function townGate(sql: Sql, town: TownState = theTown(sql)): Wait | null {
  if (town.paused) return wait('town_paused');
  const model = modelGate(sql, town);
  if (model) return model;
  const container = readContainer(sql);
  if (container.state === 'failed') return wait('container_failed', null, container.dueAt);
  const { holdUntil } = readBreaker(sql);
  return holdUntil === null ? null : wait('retry_later', null, holdUntil);
}

export function rigGate(rig: Rig | null): Wait | null {
  if (!rig || rig.state === 'removed') return wait('needs_person', rig?.id ?? null);
  if (rig.state === 'connecting') return wait('rig_connecting', rig.id);
  return rig.state === 'unreachable' ? wait('rig_unreachable', rig.id) : null;
}

/** A condition of the town or of a rig flipped: those who wait for it show another reason now. */
export function touchWaiting(tx: Tx, rigId: string | null = null): void {
  for (const bead of unfinished(tx.sql, rigId)) if (bead.status !== 'failed') touchBead(tx, bead.id);
}
