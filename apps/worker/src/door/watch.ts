import type { Failure } from '@gastown/protocol';
import { logException } from '../edge/answers.ts';
import { CallEnded } from './forward.ts';

/**
 * Ends a model call that is under way when the town does not want it any more: it was stopped, its budget is spent, its run is over (I9). The town is
 * asked with a question that it answers when there is something to say, or with null after a while; then it is asked again.
 * A town that cannot be asked ends nothing: the call is booked as always, and the next one is refused.
 */
const FAILURES_BORNE = 3;
const PAUSE_MS = 1_000;

export class Watch {
  readonly #abort = new AbortController();
  #over = false;
  /** Why the call was ended; null while it may go on. */
  refusal: Failure | null = null;

  /** Aborted when the agent goes away, or when the town ends the call. */
  signal(agent: AbortSignal): AbortSignal {
    return AbortSignal.any([agent, this.#abort.signal]);
  }

  async follow(refused: () => Promise<Failure | null>): Promise<void> {
    for (let failures = 0; !this.#over;) {
      try {
        const refusal = await refused();
        failures = 0;
        if (refusal && !this.#over) return this.#end(refusal);
      } catch (error) {
        failures += 1;
        if (failures > FAILURES_BORNE) return logException(error, { during: 'watch over a model call' });
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  /** The call ended by itself. */
  over(): void {
    this.#over = true;
  }

  #end(refusal: Failure): void {
    this.refusal = refusal;
    this.#abort.abort(new CallEnded(refusal.message));
  }
}
