import { randomUUID } from 'node:crypto';
import { ToRunner, type FromRunner } from '@gastown/protocol';
import WebSocket from 'ws';

type Sent = ToRunner;

/** Speaks the link as a runner would, so that a story can say what no honest runner says. */
export class FakeRunner {
  readonly instance: string = randomUUID();
  readonly #socket: WebSocket;
  readonly #heard: Sent[] = [];
  readonly #waiting = new Set<() => void>();
  readonly closed: Promise<{ code: number; reason: string }>;
  #seq = 0;

  constructor(base: string, token: string) {
    this.#socket = new WebSocket(`${base.replace('http', 'ws')}/runner/link`, { headers: { authorization: `Bearer ${token}` } });
    this.#socket.on('message', (data) => {
      this.#heard.push(ToRunner.parse(JSON.parse(String(data))));
      for (const look of this.#waiting) look();
    });
    this.#socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.#socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })));
  }

  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.once('open', resolve);
      this.#socket.once('error', reject);
    });
  }

  raw(text: string): void {
    this.#socket.send(text);
  }

  send(frame: FromRunner): void {
    this.raw(JSON.stringify(frame));
  }

  hello(): void {
    this.send({ t: 'hello', protocol: 1, instance: this.instance, agentKinds: ['kilo'], runs: [] });
  }

  report(report: Extract<FromRunner, { t: 'report' }>['report']): number {
    this.#seq += 1;
    this.send({ t: 'report', seq: this.#seq, report });
    return this.#seq;
  }

  until<V>(what: string, look: (heard: Sent) => V | undefined | false, withinMs = 15_000): Promise<V> {
    return new Promise((resolve, reject) => {
      const attempt = (): void => {
        for (const frame of this.#heard) {
          const found = look(frame);
          if (!found) continue;
          clearTimeout(limit);
          this.#waiting.delete(attempt);
          return resolve(found);
        }
      };
      const limit = setTimeout(() => {
        this.#waiting.delete(attempt);
        reject(new Error(`the link did not say within ${withinMs / 1000} s: ${what}`));
      }, withinMs);
      this.#waiting.add(attempt);
      attempt();
    });
  }

  async call(frame: Omit<Extract<FromRunner, { t: 'call' }>, 't' | 'callId'>): Promise<Extract<Sent, { t: 'answer' }>['result']> {
    const callId = randomUUID();
    this.send({ t: 'call', callId, ...frame });
    return this.until(`an answer to ${frame.tool}`, (heard) => heard.t === 'answer' && heard.callId === callId && heard.result);
  }

  close(): void {
    this.#socket.close();
  }
}
