import { LIMITS, type Failure } from '@gastown/protocol';
import { backoffMs } from '../backoff.ts';
import type { Tx } from '../tx.ts';
import { setPending, type Effect, type EffectKind } from './store.ts';

/** How long a sent effect may stay without an outcome before it is unknown and goes out again under the same id (RC-35). */
export function timeoutMs(kind: EffectKind, gates: number): number {
  switch (kind) {
    case 'rig.connect':
      return LIMITS.cloneTimeoutMs.value + LIMITS.effectTimeoutMs.value;
    case 'run.start':
      return LIMITS.startTimeoutMs.value;
    case 'merge.test':
      return LIMITS.cloneTimeoutMs.value + gates * LIMITS.gateTimeoutMs.value + LIMITS.effectTimeoutMs.value;
    default:
      return LIMITS.effectTimeoutMs.value;
  }
}

/** Plans the next try with full jitter; false when the effect has used up its tries (I8). */
export function tryAgain(tx: Tx, effect: Effect, failure: Failure | null): boolean {
  const attempts = effect.attempts + 1;
  if (attempts >= LIMITS.effectAttempts.value) return false;
  setPending(tx, effect, attempts, tx.now + backoffMs(tx, attempts), failure);
  return true;
}
