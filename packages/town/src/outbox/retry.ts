import { failure, LIMITS, type Failure } from '@gastown/protocol';
import { backoffMs } from '../backoff.ts';
import type { Tx } from '../tx.ts';
import { setPending, type Effect, type EffectKind } from './store.ts';

/** How long a sent effect may stay without an outcome before it is unknown and goes out again under the same id (RC-35). */
export function timeoutMs(kind: EffectKind, gates: number, setupMs: number): number {
  switch (kind) {
    case 'rig.connect':
      return LIMITS.cloneTimeoutMs.value + LIMITS.effectTimeoutMs.value;
    case 'run.start':
      return LIMITS.startTimeoutMs.value + setupMs;
    case 'merge.test':
      return LIMITS.cloneTimeoutMs.value + setupMs + gates * LIMITS.gateTimeoutMs.value + LIMITS.effectTimeoutMs.value;
    default:
      return LIMITS.effectTimeoutMs.value;
  }
}

/** Plans the next try with full jitter; false when the effect has used up its tries (I8). */
export function tryAgain(tx: Tx, effect: Effect, why: Failure | null, capMs?: number): boolean {
  const attempts = effect.attempts + 1;
  if (attempts >= LIMITS.effectAttempts.value) return false;
  setPending(tx, effect, attempts, tx.now + backoffMs(tx, attempts, capMs), why);
  return true;
}

/** Putting it into words made the town throw, as often as that is tried. */
export const isPoison = ({ state, failure: why, attempts }: Effect): boolean =>
  state === 'pending' && why?.details?.['poison'] === true && attempts >= LIMITS.poisonTries.value;

export function poisoned(tx: Tx, effect: Effect, error: unknown): void {
  const attempts = effect.attempts + 1;
  const said = `This effect could not be made: ${error instanceof Error ? error.message : String(error)}`.slice(0, 500);
  const why = failure('internal', said, { poison: true });
  const last = attempts >= LIMITS.poisonTries.value;
  setPending(tx, effect, attempts, last ? tx.now : tx.now + backoffMs(tx, attempts), why);
}
