/** How a story tells what it saw: named facts that must hold, times, counts. The first fact that does not hold ends the story. */
export class Telling {
  readonly facts: string[] = [];
  readonly timesMs: Record<string, number> = {};
  readonly counts: Record<string, number> = {};
  /** What could not be told here, and why. */
  readonly skipped: string[] = [];
  readonly #began = Date.now();
  readonly #quiet: boolean;

  constructor(quiet: boolean) {
    this.#quiet = quiet;
  }

  check(fact: string, holds: unknown): asserts holds {
    if (!holds) throw new Error(`this does not hold: ${fact}`);
    this.facts.push(fact);
    if (!this.#quiet) console.log(`  ✓ ${fact} (${((Date.now() - this.#began) / 1000).toFixed(1)} s)`);
  }

  skip(what: string, why: string): void {
    this.skipped.push(`${what}: ${why}`);
    if (!this.#quiet) console.log(`  – ${what}: ${why}`);
  }

  mark(name: string): void {
    this.timesMs[name] = Date.now() - this.#began;
  }
}
