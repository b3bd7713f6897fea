import type { TownMetrics } from '@gastown/protocol';

/** Wall time of the last ticks (RC-6, RC-26), in memory. The deployed platform stops its clocks while code runs: there only what waits shows. */
const KEPT = 20;
/** RC-6: above this a tick is worth a warning. */
export const SLOW_MS = 500;

export class Ticks {
  #last: number[] = [];
  #count = 0;
  #slowest = 0;
  #slow = 0;

  measure<T>(work: () => T): T {
    const began = performance.now();
    try {
      return work();
    } finally {
      this.#add(performance.now() - began);
    }
  }

  #add(ms: number): void {
    const taken = Math.round(ms * 100) / 100;
    this.#last = [...this.#last.slice(1 - KEPT), taken];
    this.#count += 1;
    this.#slowest = Math.max(this.#slowest, taken);
    if (taken > SLOW_MS) this.#slow += 1;
  }

  read(): TownMetrics['ticks'] {
    return { count: this.#count, lastMs: this.#last, slowestMs: this.#slowest, slow: this.#slow };
  }
}
