import {
  failure,
  LIMITS,
  ok,
  refuse,
  targetMissing,
  type Failure,
  type PermissionSettings,
  type Result,
  type RigId,
  type Setup,
} from '@gastown/protocol';
import type { SealedSecret } from '../api.ts';
import { mustMove } from '../beads/status.ts';
import { unfinished } from '../beads/store.ts';
import { touchWaiting } from '../gates.ts';
import { dropBadLines } from '../exchange/bad-lines.ts';
import { newRigId } from '../ids.ts';
import { record } from '../ledger/store.ts';
import { addEffectOnce, allEffects, dropEffects, effectsFor } from '../outbox/store.ts';
import { forgetRig } from '../runners/commands.ts';
import type { Tx } from '../tx.ts';
import { findRig, insertRig, liveRigs, setNextLook, setRigState, updateRig, type Rig } from './store.ts';
import { safeGitUrl, sameRepository } from './url.ts';

export const rigTarget = (rigId: string): string => `rig:${rigId}`;

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
    gates: rig.gates ?? [],
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
  readonly gates?: string[] | undefined;
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

/** Every change of a rig's state: its waiting beads show another reason now. */
function moveRig(tx: Tx, rig: Rig, state: Rig['state'], why: Failure | null): void {
  setRigState(tx, rig.id, state, why);
  if (rig.state !== state) touchWaiting(tx, rig.id);
}

export function rigConnected(tx: Tx, rigId: string, seen: { defaultBranch: string; empty: boolean }): void {
  const rig = findRig(tx.sql, rigId);
  if (!rig || rig.state === 'removed') return;
  const lost = rig.state === 'connecting' ? null : lostTarget(rig, seen);
  if (lost) return rigUnreachable(tx, rigId, lost);
  updateRig(tx, rigId, { default_branch: seen.defaultBranch, empty: seen.empty ? 1 : 0 });
  moveRig(tx, rig, 'ready', null);
  if (rig.state !== 'ready')
    record(tx, { type: 'rig_ready', data: { rigId, name: rig.name, defaultBranch: seen.defaultBranch, empty: seen.empty } });
}
/** What a look that no person asked for must not settle: on which branch it goes on, or that it begins anew, where the one to land on is gone. */
function lostTarget(rig: Rig, seen: { defaultBranch: string; empty: boolean }): Failure | null {
  if (rig.defaultBranch === null || rig.empty) return null;
  if (seen.empty) return targetMissing(rig.defaultBranch, null);
  return rig.failure?.code === 'target_missing' && seen.defaultBranch !== rig.defaultBranch ? rig.failure : null;
}

export function rigUnreachable(tx: Tx, rigId: string, why: Failure): void {
  const rig = findRig(tx.sql, rigId);
  if (!rig || rig.state === 'removed') return;
  moveRig(tx, rig, 'unreachable', why);
  if (rig.state !== 'unreachable') record(tx, { type: 'rig_unreachable', data: { rigId, name: rig.name, failure: why } });
}
/** A run or merge met the repository's refusal: the rig is looked at again, and holds its work until then. Where its target is gone, a person looks: only they know what it is called now. */
export function doubtRig(tx: Tx, rigId: string, why: Failure): void {
  const rig = findRig(tx.sql, rigId);
  if (why.code === 'target_missing' && isOldTarget(rig, why)) return;
  // What its own look found, or will find, says more than what a run met.
  if (rig?.state === 'ready') rigUnreachable(tx, rigId, why);
  if (why.code !== 'target_missing') lookAtRig(tx, rigId);
  tellNextLook(tx, rigId);
}
/** What is landed on has another name by now. */
const isOldTarget = (rig: Rig | null, { details }: Failure): boolean =>
  details?.['target'] !== undefined && details['target'] !== rig?.defaultBranch;

/** It may be away; until that is known its work goes on. */
export const lookAtRig = (tx: Tx, rigId: string): void => addEffectOnce(tx, 'rig.connect', rigTarget(rigId), rigId, null);
/** Rule: a rig that is away says when the town looks at it again by itself: what its outbox has planned, whoever planned it anew. */
export function tellLooks(tx: Tx): void {
  const planned = allEffects(tx.sql).filter(({ kind, state }) => kind === 'rig.connect' && state === 'pending');
  for (const rigId of new Set(planned.map(({ subject }) => subject))) tellNextLook(tx, rigId);
}
/** To be called also by what plans none any more, and where it may be looked at this moment. */
export function tellNextLook(tx: Tx, rigId: string): void {
  const look = effectsFor(tx.sql, rigTarget(rigId)).find(({ kind, state }) => kind === 'rig.connect' && state !== 'parked');
  setNextLook(tx, rigId, look ? (look.state === 'pending' ? look.dueAt : tx.now) : null);
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
