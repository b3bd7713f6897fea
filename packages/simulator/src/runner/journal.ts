import type { EffectId, Outcome } from '@gastown/protocol';

/** Effects are performed once per id; a failure is forgotten as soon as it is told (apps/runner/src/link/journal.ts). */
export class Journal {
  readonly #running = new Set<EffectId>();
  readonly #succeeded = new Map<EffectId, Outcome>();

  once(id: EffectId, perform: (then: (outcome: Outcome) => void) => void, then: (outcome: Outcome) => void): void {
    if (this.#running.has(id)) return;
    const known = this.#succeeded.get(id);
    if (known) return then(known);
    this.#running.add(id);
    perform((outcome) => {
      this.#running.delete(id);
      if (outcome.state === 'succeeded') this.#succeeded.set(id, outcome);
      then(outcome);
    });
  }
}
