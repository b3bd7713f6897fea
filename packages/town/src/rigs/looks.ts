import { targetMissing, type Failure } from '@gastown/protocol';
import { touchWaiting } from '../gates.ts';
import { record } from '../ledger/store.ts';
import { addEffectOnce, allEffects, effectsFor } from '../outbox/store.ts';
import type { Tx } from '../tx.ts';
import { findRig, setNextLook, setRigState, updateRig, type Rig } from './store.ts';

/** Looks at the repository of a rig: when there is one, what it found, and what a run or merge met there meanwhile. */
export const rigTarget = (rigId: string): string => `rig:${rigId}`;

/** Every change of a rig's state: its waiting beads show another reason now. */
export function moveRig(tx: Tx, rig: Rig, state: Rig['state'], why: Failure | null): void {
  setRigState(tx, rig.id, state, why);
  if (rig.state !== state) touchWaiting(tx, rig.id);
}

export function rigConnected(tx: Tx, rigId: string, seen: { defaultBranch: string; empty: boolean }): void {
  const rig = findRig(tx.sql, rigId);
  if (!rig || rig.state === 'removed') return;
  const lost = rig.state === 'connecting' ? null : lostTarget(rig, seen);
  if (lost) return rigUnreachable(tx, rigId, lost);
  const { defaultBranch, empty } = { ...seen, ...(isSettled(rig) && { defaultBranch: rig.defaultBranch }) };
  updateRig(tx, rigId, { default_branch: defaultBranch, empty: empty ? 1 : 0 });
  moveRig(tx, rig, 'ready', null);
  if (rig.state !== 'ready') record(tx, { type: 'rig_ready', data: { rigId, name: rig.name, defaultBranch, empty } });
}
/** It lands on the branch that it was connected with: what the repository calls its default since then is another only when a person reconnects it. */
const isSettled = (rig: Rig): boolean => rig.state !== 'connecting' && rig.defaultBranch !== null && !rig.empty;
/** What a look that no person asked for must not settle: on which branch it goes on, or that it begins anew, where the one to land on is gone. */
function lostTarget(rig: Rig, seen: { defaultBranch: string; empty: boolean }): Failure | null {
  if (rig.defaultBranch === null || rig.empty) return null;
  if (seen.empty) return targetMissing(rig.defaultBranch, null);
  return rig.failure?.code === 'target_missing' && seen.defaultBranch !== rig.defaultBranch ? rig.failure : null;
}

export function rigUnreachable(tx: Tx, rigId: string, why: Failure): void {
  const rig = findRig(tx.sql, rigId);
  if (!rig || rig.state === 'removed') return;
  // On which branch it goes on is still for a person to say when it can be reached again.
  const isAsked = rig.failure?.code === 'target_missing' && why.code !== 'target_missing';
  moveRig(tx, rig, 'unreachable', isAsked ? rig.failure : why);
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
