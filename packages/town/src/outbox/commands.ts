import { failure, ok, refuse, type Result } from '@gastown/protocol';
import { record } from '../ledger/store.ts';
import type { Tx } from '../tx.ts';
import { findEffect, removeEffect, startOver, type Effect } from './store.ts';

/** What a person does with an effect that was given up. */
type Done = Result<{ effectId: string }>;
const notThere = (effectId: string) => refuse(failure('unknown_effect', `There is no effect ${effectId}.`));

/** From the beginning, behind what of its target is under way. Twice is once. */
export function retryEffect(tx: Tx, effectId: string): Done {
  const effect = findEffect(tx.sql, effectId);
  if (!effect) return notThere(effectId);
  if (effect.state === 'parked') startOver(tx, effect);
  return ok({ effectId });
}

/** Not to be done any more. What is still tried is not given up by this: it would look done and not be. */
export function discardEffect(tx: Tx, effectId: string): Done {
  const effect = findEffect(tx.sql, effectId);
  if (!effect) return notThere(effectId);
  if (effect.state !== 'parked')
    return refuse(failure('illegal_transition', `Only a parked effect can be discarded; ${effectId} is ${effect.state}.`, { effectId }));
  removeEffect(tx, effect);
  record(tx, { type: 'effect_discarded', data: about(effect) });
  return ok({ effectId });
}
const about = ({ id, kind, target, subject, attempts, failure: why }: Effect) => ({
  effectId: id,
  kind,
  target,
  subject,
  attempts,
  failure: why,
});
