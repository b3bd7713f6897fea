import { failure, LIMITS, ok, refuse, type PermissionSettings, type Result, type RigId, type Setup } from '@gastown/protocol';
import type { SealedSecret } from '../api.ts';
import { mustMove } from '../beads/status.ts';
import { unfinished } from '../beads/store.ts';
import { touchWaiting } from '../gates.ts';
import { dropBadLines } from '../exchange/bad-lines.ts';
import { newRigId } from '../ids.ts';
import { record } from '../ledger/store.ts';
import { addEffectOnce, dropEffects } from '../outbox/store.ts';
import { forgetRig } from '../runners/commands.ts';
import type { Tx } from '../tx.ts';
import { moveRig, rigTarget } from './looks.ts';
import { findRig, insertRig, liveRigs, setRigState, updateRig, type Rig } from './store.ts';
import { safeGitUrl, sameRepository } from './url.ts';

export interface NewRig {
  readonly name: string;
  readonly gitUrl: string;
  readonly gates?: string[] | undefined;
  readonly maxPolecats?: number | undefined;
}
export function addRig(tx: Tx, rig: NewRig, secret: SealedSecret | null): Result<{ rigId: RigId }> {
  const url = safeGitUrl(rig.gitUrl);
  if (!url.ok) return url;
  const rigs = liveRigs(tx.sql);
  const named = rigs.find((other) => other.name.toLowerCase() === rig.name.toLowerCase());
  const twin = named ?? rigs.find((other) => sameRepository(other.gitUrl, url.value));
  if (twin)
    return refuse(failure('duplicate_rig', `The rig ${twin.name} has the same ${named ? 'name' : 'repository'}.`, { rigId: twin.id }));
  const id = newRigId(tx);
  insertRig(tx, {
    id,
    name: rig.name,
    gitUrl: url.value,
    tokenSealed: secret?.sealed ?? null,
    gates: rig.gates ?? null,
    maxPolecats: rig.maxPolecats ?? LIMITS.polecatsPerRig.value,
  });
  record(tx, { type: 'rig_added', data: { rigId: id, name: rig.name } });
  addEffectOnce(tx, 'rig.connect', rigTarget(id), id, null);
  return ok({ rigId: id });
}

function theRig(tx: Tx, id: string): Result<Rig> {
  const rig = findRig(tx.sql, id);
  return rig && rig.state !== 'removed' ? ok(rig) : refuse(failure('unknown_rig', `There is no rig ${id}.`, { rigId: id }));
}

export interface RigChange {
  readonly rigId: RigId;
  readonly name?: string | undefined;
  readonly gates?: string[] | null | undefined;
  readonly maxPolecats?: number | undefined;
  readonly permissions?: PermissionSettings | undefined;
  readonly setup?: Setup | null | undefined;
}
export function changeRig(tx: Tx, change: RigChange): Result<{ rigId: RigId }> {
  const found = theRig(tx, change.rigId);
  if (!found.ok) return found;
  const wanted = change.name?.toLowerCase();
  const twin = liveRigs(tx.sql).find((rig) => rig.id !== change.rigId && rig.name.toLowerCase() === wanted);
  if (twin) return refuse(failure('duplicate_rig', `The rig ${twin.name} has the same name.`, { rigId: twin.id }));
  updateRig(tx, change.rigId, {
    ...(change.name !== undefined && { name: change.name }),
    ...(change.gates !== undefined && { gates: JSON.stringify(change.gates) }),
    ...(change.maxPolecats !== undefined && { max_polecats: change.maxPolecats }),
    ...(change.permissions !== undefined && { permissions: JSON.stringify(change.permissions) }),
    ...(change.setup !== undefined && { setup: change.setup && JSON.stringify(change.setup) }),
  });
  return ok({ rigId: change.rigId });
}

/** Nothing new starts in it, and its merge queue builds nothing new; what is under way goes on. */
export function pauseRig(tx: Tx, rigId: RigId, paused: boolean): Result<{ rigId: RigId; paused: boolean }> {
  const found = theRig(tx, rigId);
  if (!found.ok) return found;
  if (found.value.paused !== paused) {
    updateRig(tx, rigId, { paused: paused ? 1 : 0 });
    record(tx, { type: paused ? 'rig_paused' : 'rig_resumed', data: { rigId, name: found.value.name } });
    touchWaiting(tx, rigId);
  }
  return ok({ rigId, paused });
}

export function setRigToken(tx: Tx, rigId: RigId, secret: SealedSecret | null): Result<{ rigId: RigId }> {
  const found = theRig(tx, rigId);
  if (!found.ok) return found;
  updateRig(tx, rigId, { token_sealed: secret?.sealed ?? null });
  if (found.value.state !== 'ready') connectAgain(tx, found.value);
  return ok({ rigId });
}
export function reconnectRig(tx: Tx, rigId: RigId): Result<{ rigId: RigId }> {
  const found = theRig(tx, rigId);
  if (found.ok) connectAgain(tx, found.value);
  return found.ok ? ok({ rigId }) : found;
}
function connectAgain(tx: Tx, rig: Rig): void {
  dropEffects(tx, rigTarget(rig.id));
  addEffectOnce(tx, 'rig.connect', rigTarget(rig.id), rig.id, null);
  moveRig(tx, rig, 'connecting', null);
}

/** Its agents stop, its beads close with the reason (DL-8), lines that it could not take go; its history stays. */
export function removeRig(tx: Tx, rigId: RigId, force: boolean): Result<{ rigId: RigId }> {
  const found = theRig(tx, rigId);
  if (!found.ok) return found;
  const open = unfinished(tx.sql, rigId);
  if (open.length > 0 && !force) {
    return refuse(failure('rig_in_use', `${found.value.name} has ${open.length} bead(s) that are not closed.`, { beads: open.length }));
  }
  for (const bead of open) mustMove(tx, bead.id, 'closed', { data: { reason: 'rig removed' } });
  dropEffects(tx, rigTarget(rigId));
  dropBadLines(tx, rigId);
  setRigState(tx, rigId, 'removed', null);
  forgetRig(tx, rigId);
  record(tx, { type: 'rig_removed', data: { rigId, name: found.value.name } });
  return ok({ rigId });
}
