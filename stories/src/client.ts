import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Failure, StoredItem, StreamOut, TownInfo, type PersonCommand } from '@gastown/protocol';
import WebSocket from 'ws';
import { Replica } from './replica.ts';

const Answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), failure: Failure, next: z.string() }),
]);
export type Answer = z.infer<typeof Answer> & { readonly status: number };

/** A signed-in person without a browser: the same API that the page uses. */
export class Client {
  readonly base: string;
  readonly #cookie: string;

  private constructor(base: string, cookie: string) {
    this.base = base;
    this.#cookie = cookie;
  }

  static async signIn(link: string): Promise<Client> {
    const answer = await fetch(link, { redirect: 'manual' });
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
    if (!cookie) throw new Error(`signing in gave ${answer.status} and no cookie`);
    return new Client(new URL(link).origin, cookie);
  }

  headers(): Record<string, string> {
    return { cookie: this.#cookie, origin: this.base };
  }

  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const raw = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
    const send = (): Promise<Response> =>
      fetch(this.base + path, {
        method,
        headers: { ...this.headers(), 'content-type': 'application/json' },
        ...(raw !== undefined && { body: raw }),
      });
    // A kept connection may have been closed by the town after a body it did not want to read; every command has its key, so once more is safe.
    const answer = await send().catch((cause: unknown) => {
      if (!(cause instanceof TypeError)) throw cause;
      return send();
    });
    return { ...Answer.parse(await answer.json()), status: answer.status };
  }

  async createTown(name: string): Promise<TownInfo> {
    const answer = await this.ask('POST', '/api/towns', { key: randomUUID(), name });
    if (!answer.ok) throw new Error(`creating a town: ${answer.failure.message}`);
    return TownInfo.parse(answer.value);
  }

  async command(town: string, command: PersonCommand, key: string = randomUUID()): Promise<unknown> {
    const answer = await this.ask('POST', `/api/towns/${town}/commands`, { key, command });
    if (!answer.ok) throw new Error(`${command.kind}: ${answer.failure.code}: ${answer.failure.message}`);
    return answer.value;
  }

  watch(town: string): Replica {
    return new Replica(`${this.base.replace('http', 'ws')}/api/towns/${town}/live`, this.headers());
  }

  /** An agent's transcript as it stands. */
  async transcript(town: string, agent: string): Promise<StoredItem[]> {
    const answer = await this.ask('GET', `/api/towns/${town}/agents/${agent}/items?limit=200`);
    if (!answer.ok) throw new Error(`reading a transcript: ${answer.failure.message}`);
    return z.array(StoredItem).parse(answer.value);
  }

  /** Resolves with the first transcript item that `look` accepts, among the newest 200 and all later ones. */
  item(
    town: string,
    agent: string,
    what: string,
    look: (item: StoredItem['item']) => boolean,
    withinMs = 60_000,
  ): Promise<StoredItem['item']> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`${this.base.replace('http', 'ws')}/api/towns/${town}/agents/${agent}/live`, {
        headers: this.headers(),
      });
      const limit = setTimeout(() => finish(() => reject(new Error(`no such item within ${withinMs / 1000} s: ${what}`))), withinMs);
      const finish = (then: () => void): void => {
        clearTimeout(limit);
        socket.close();
        then();
      };
      socket.on('open', () => socket.send(JSON.stringify({ t: 'watch', rev: 0, limit: 200 })));
      socket.on('error', (error) => finish(() => reject(error)));
      socket.on('message', (data) => {
        const frame = StreamOut.parse(JSON.parse(String(data)));
        const found = frame.t === 'items' ? frame.items.find((stored) => look(stored.item)) : undefined;
        if (found) finish(() => resolve(found.item));
      });
    });
  }
}
