import { LIMITS } from '@gastown/protocol';
import type { Effect, EffectKind } from './store.ts';

/**
 * Whose turn it is. Of each target one effect at a time is under way, the oldest first, also over retries; of each runner, over all targets, a bounded number of each
 * class, so that what hangs holds only places of its own class. What ends or interrupts an agent takes no place, and merges have theirs in their lanes; a start that fetches for longer than a start takes leaves its
 * place to the next.
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
  /** Taken, by runner and class. */
  readonly #taken = new Map<string, number>();
  constructor(effects: readonly Effect[]) {
    const sent = effects.filter((effect) => effect.state === 'sent');
    this.#busy = new Set(sent.map((effect) => effect.target));
    for (const effect of sent) this.sent(effect);
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
  hasPlace({ kind, runnerId }: Effect): boolean {
    const own = CLASS[kind];
    return own === null || (this.#taken.get(`${runnerId} ${own}`) ?? 0) < PLACES[own];
  }
  sent({ kind, runnerId, extendedSince }: Effect): void {
    if (extendedSince !== null) return;
    const key = `${runnerId} ${CLASS[kind]}`;
    this.#taken.set(key, (this.#taken.get(key) ?? 0) + 1);
  }
}
