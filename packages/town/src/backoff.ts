import { LIMITS } from '@gastown/protocol';
import type { Tx } from './tx.ts';

/** Full jitter: somewhere in (0, min(cap, base · 2^tries)]. The one retry rule of the town. */
export function backoffMs(tx: Tx, tries: number, capMs: number = LIMITS.effectRetryCapMs.value): number {
  const ceiling = Math.min(capMs, LIMITS.effectRetryBaseMs.value * 2 ** Math.min(tries, 20));
  const share = Number.parseInt(tx.random(4), 16) / 0x1_0000_0000;
  return 1 + Math.floor(share * ceiling);
}
