import { LIMITS } from '@gastown/protocol';

/**
 * Model calls under way in a town with a budget: at most one a run (I9). What a call costs is known when it ends, so the next call of its run waits for that.
 * Kept in the object's store, because the object may sleep while a call streams. A call whose Worker died is forgotten after `LONGEST_MS`.
 */
const LONGEST_MS = LIMITS.modelHeadersMs.value + LIMITS.turnSilenceMs.value;
const PREFIX = 'call:';
interface Call {
  readonly ticket: string;
  readonly until: number;
}

export class CallsUnderWay {
  readonly #kv: SyncKvStorage;
  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
  }

  /** A ticket to give back, or null while a call of this run is under way. */
  begin(runId: string, ticket: string, now: number): string | null {
    for (const [key, call] of this.#all()) if (call.until <= now || call.until > now + LONGEST_MS) this.#kv.delete(key);
    if (this.#kv.get(PREFIX + runId) !== undefined) return null;
    this.#kv.put<Call>(PREFIX + runId, { ticket, until: now + LONGEST_MS });
    return ticket;
  }

  /** A copy: entries are deleted while it is walked. */
  #all(): [string, Call][] {
    return Array.from(this.#kv.list<Call>({ prefix: PREFIX }));
  }

  end(ticket: string): void {
    for (const [key, call] of this.#all()) if (call.ticket === ticket) this.#kv.delete(key);
  }
}
