import { LIMITS } from '@gastown/protocol';
import type { Effect, EffectKind } from './store.ts';

/**
 * Whose turn it is. Of each target one effect at a time is under way, the oldest first, also over retries; over all targets a bounded number of each
 * class, so that what hangs holds only places of its own class. What ends or interrupts an agent takes no place, and merges have theirs in their lanes.
 */
type Class = 'connect' | 'start' | 'other';
const PLACES: Readonly<Record<Class, number>> = {
  connect: LIMITS.connectsAtOnce.value,
  start: LIMITS.startsAtOnce.value,
  other: LIMITS.effectsAtOnce.value,
};
const CLASS: Readonly<Record<EffectKind, Class | null>> = {
  'rig.connect': 'connect',
  'run.start': 'start',
  'run.prompt': 'other',
  'permission.answer': 'other',
  'branch.delete': 'other',
  'merge.test': null,
  'merge.land': null,
  'run.stop': null,
  'run.interrupt': null,
  'container.start': null,
  'container.stop': null,
};

export class Places {
  readonly #busy: Set<string>;
  readonly #free = { ...PLACES };
  constructor(effects: readonly Effect[]) {
    const sent = effects.filter((effect) => effect.state === 'sent');
    this.#busy = new Set(sent.map((effect) => effect.target));
    for (const { kind } of sent) this.#take(kind);
  }

  /** To be asked oldest first: is it the turn of this pending effect within its target? From then on its target waits for it. */
  isNext(effect: Effect): boolean {
    if (effect.state !== 'pending' || this.#busy.has(effect.target)) return false;
    this.#busy.add(effect.target);
    return true;
  }
  /** It came to nothing: the next of its target may go. */
  letNext(effect: Effect): void {
    this.#busy.delete(effect.target);
  }
  hasPlace({ kind }: Effect): boolean {
    const own = CLASS[kind];
    return own === null || this.#free[own] > 0;
  }
  sent({ kind }: Effect): void {
    this.#take(kind);
  }
  #take(kind: EffectKind): void {
    const own = CLASS[kind];
    if (own !== null) this.#free[own] -= 1;
  }
}
