import { LIMITS } from '@gastown/protocol';

/**
 * Model calls of a run that its provider failed in a row (RC-34). An agent tries such a call again, ever later and without a sign, until the watch over silence ends its turn; here it is known when that has no use.
 * Kept in the object's store, because the object sleeps while an agent waits to try again. Written over a failure only.
 */
const PREFIX = 'failed:';
interface Row {
  readonly count: number;
  readonly since: number;
  readonly last: number;
}

export class FailedCalls {
  readonly #kv: Pick<SyncKvStorage, 'get' | 'put' | 'delete' | 'list'>;
  constructor(kv: Pick<SyncKvStorage, 'get' | 'put' | 'delete' | 'list'>) {
    this.#kv = kv;
  }

  /** True: there were so many in a row, for so long, that one more try is of no use. */
  failed(runId: string, now: number): boolean {
    this.#forgetOld(now);
    const before = this.#kv.get<Row>(PREFIX + runId);
    const row = { count: (before?.count ?? 0) + 1, since: Math.min(before?.since ?? now, now), last: now };
    this.#kv.put<Row>(PREFIX + runId, row);
    return row.count >= LIMITS.modelFailuresInARow.value && now - row.since >= LIMITS.modelFailingMs.value;
  }

  worked(runId: string): void {
    if (this.#kv.get(PREFIX + runId) !== undefined) this.#kv.delete(PREFIX + runId);
  }

  #forgetOld(now: number): void {
    for (const [key, { last }] of Array.from(this.#kv.list<Row>({ prefix: PREFIX })))
      if (now - last > LIMITS.modelFailureGapMs.value) this.#kv.delete(key);
  }
}
