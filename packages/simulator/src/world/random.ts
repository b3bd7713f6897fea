/** One seeded stream of choices (mulberry32). Every actor has its own, so that taking one away leaves the choices of the others as they were. */
export class Random {
  #state: number;
  constructor(seed: number, name = '') {
    this.#state = mix(seed, name);
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** 0 ≤ n < limit. */
  below(limit: number): number {
    return limit <= 1 ? 0 : this.#next() % limit;
  }
  /** 0 ≤ x < 1 */
  share(): number {
    return this.#next() / 0x1_0000_0000;
  }
  chance(probability: number): boolean {
    return this.share() < probability;
  }
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }
  pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }
  /** From a list that is known to hold something. */
  one<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }
  hex(bytes: number): string {
    let text = '';
    while (text.length < bytes * 2) text += this.#next().toString(16).padStart(8, '0');
    return text.slice(0, bytes * 2);
  }
  /** A wait around `mean` ms: mostly shorter, sometimes much longer. */
  wait(mean: number): number {
    return 1 + Math.floor(-Math.log(1 - this.share()) * mean);
  }
}

function mix(seed: number, name: string): number {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  for (let at = 0; at < name.length; at += 1) state = Math.imul(state ^ name.charCodeAt(at), 0x01000193) >>> 0;
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b) >>> 0;
  return (state ^ (state >>> 13)) >>> 0;
}
