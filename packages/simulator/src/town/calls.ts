import { LIMITS } from '@gastown/protocol';

/** Model calls under way in a town with a budget: one a run (I9). Kept in the object's store, so it outlives the object (apps/worker/src/town/calls.ts). */
export class MemoryOfCalls {
  readonly #until = new Map<string, number>();
  static readonly longestMs = LIMITS.modelHeadersMs.value + LIMITS.turnSilenceMs.value;

  begin(runId: string, now: number): boolean {
    const until = this.#until.get(runId);
    if (until !== undefined && until > now) return false;
    this.#until.set(runId, now + MemoryOfCalls.longestMs);
    return true;
  }
  end(runId: string): void {
    this.#until.delete(runId);
  }
}
