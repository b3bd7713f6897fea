import type { Typed } from '@gastown/protocol';

/** What each client has typed so far: a piece that comes again is taken once, and none is taken before the one it follows. */
const CLIENTS_AT_MOST = 64;

export class Keys {
  readonly #taken = new Map<string, number>();

  taken(client: string): number {
    return this.#taken.get(client) ?? 0;
  }

  /** The bytes that are new, null when there are none. */
  take(client: string, { number, bytes }: Typed): Uint8Array | null {
    const taken = this.taken(client);
    const end = number + bytes.byteLength;
    if (number > taken || end <= taken) return null;
    this.#taken.delete(client);
    this.#taken.set(client, end);
    const [oldest] = this.#taken.keys();
    if (this.#taken.size > CLIENTS_AT_MOST && oldest !== undefined) this.#taken.delete(oldest);
    return bytes.subarray(taken - number);
  }
}
