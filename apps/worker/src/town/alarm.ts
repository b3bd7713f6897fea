import type { Memory } from './ground.ts';

/** The one alarm of the object: at the next thing that is due, or not set at all. Setting it costs a write, so it is set when it changes. */
export class Alarm {
  readonly #ctx: DurableObjectState;
  readonly #memory: Memory;
  /** What it is set to; undefined: not known since this object woke. */
  #at: number | null | undefined;

  constructor(ctx: DurableObjectState, memory: Memory) {
    this.#ctx = ctx;
    this.#memory = memory;
  }

  set(at: number | null): void {
    // Of a town that is being deleted the alarm belongs to the deletion.
    if (at === this.#at || this.#memory.deletion() !== null) return;
    this.#at = at;
    const set = at === null ? this.#ctx.storage.deleteAlarm() : this.#ctx.storage.setAlarm(at);
    this.#ctx.waitUntil(set);
  }

  /** It fired, or its store is gone: none is set. */
  isOver(): void {
    this.#at = null;
  }
}
