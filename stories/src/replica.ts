import { ServerFrame, TABLE_NAMES, type RowOf, type TableName } from '@gastown/protocol';
import WebSocket from 'ws';

type Row<T extends TableName> = RowOf<T>;
type Held = { [T in TableName]: Map<string, Row<T>> };

/** A town as a browser would hold it, over the same socket; waits for states instead of asking again and again. */
export class Replica {
  readonly #rows = Object.fromEntries(TABLE_NAMES.map((table) => [table, new Map()])) as unknown as Held;
  readonly #waiting = new Set<() => void>();
  #rev: number | null = null;
  #epoch: string | null = null;
  #socket: WebSocket | null = null;
  #closed = false;
  readonly #url: string;
  readonly #headers: Record<string, string>;
  frames = 0;
  bytes = 0;

  constructor(url: string, headers: Record<string, string>) {
    this.#url = url;
    this.#headers = headers;
    this.#dial();
  }

  #dial(): void {
    const socket = new WebSocket(this.#url, { headers: this.#headers });
    this.#socket = socket;
    socket.on('open', () => socket.send(JSON.stringify({ t: 'hello', rev: this.#rev, epoch: this.#epoch })));
    socket.on('message', (data) => this.#take(String(data)));
    socket.on('error', () => undefined); // a close follows and dials again
    socket.on('close', () => {
      if (!this.#closed) setTimeout(() => this.#closed || this.#dial(), 200);
    });
  }

  #take(text: string): void {
    if (text === 'pong') return;
    const frame = ServerFrame.parse(JSON.parse(text));
    this.frames += 1;
    this.bytes += text.length;
    if (frame.t === 'snapshot') for (const table of TABLE_NAMES) this.#rows[table].clear();
    for (const table of TABLE_NAMES) {
      const rows = this.#rows[table] as Map<string, { id: string | number }>;
      for (const row of frame.put[table] ?? []) rows.set(String(row.id), row);
      if (frame.t === 'delta') for (const id of frame.drop[table] ?? []) rows.delete(String(id));
    }
    this.#rev = frame.rev;
    this.#epoch = frame.epoch;
    for (const look of this.#waiting) look();
  }

  /** Every row as the town holds it now, asked over a socket of its own; without the town's own row, in which the container comes and goes. */
  serverRows(): Promise<string> {
    return this.serverRowsWithout({});
  }
  /** The same but for these tables. */
  serverRowsWithout(left: { readonly events?: undefined }): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(this.#url, { headers: this.#headers });
      socket.on('open', () => socket.send(JSON.stringify({ t: 'hello', rev: null, epoch: null })));
      socket.on('error', reject);
      socket.on('message', (data) => {
        const { put } = ServerFrame.parse(JSON.parse(String(data)));
        resolve(JSON.stringify({ ...put, town: undefined, ...left }));
        socket.close();
      });
    });
  }

  all<T extends TableName>(table: T): Row<T>[] {
    return [...this.#rows[table].values()] as Row<T>[];
  }

  get<T extends TableName>(table: T, id: string): Row<T> | undefined {
    return this.#rows[table].get(id) as Row<T> | undefined;
  }

  /** Resolves with the first value that `look` gives, at once or after a later frame. Fails with what the town looked like. */
  until<V>(what: string, look: () => V | undefined | null | false, withinMs = 60_000): Promise<V> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(limit);
        this.#waiting.delete(attempt);
      };
      const attempt = (): void => {
        try {
          const found = look();
          if (!found) return;
          settle();
          resolve(found);
        } catch (cause) {
          settle();
          reject(cause);
        }
      };
      const limit = setTimeout(() => {
        settle();
        reject(new Error(`not within ${withinMs / 1000} s: ${what}\n${this.describe()}`));
      }, withinMs);
      this.#waiting.add(attempt);
      attempt();
    });
  }

  /** The town in a few lines, for a failed story. */
  describe(): string {
    const line = (name: string, rows: string[]): string => `${name}: ${rows.join(' | ') || 'none'}`;
    const town = this.all('town')[0];
    return [
      line('town', [
        `rev ${this.#rev}`,
        `container ${JSON.stringify(town?.container)}`,
        `runner ${town?.runnerConnected}`,
        `model ${JSON.stringify(town?.model)}`,
      ]),
      line(
        'rigs',
        this.all('rigs').map((rig) => `${rig.id} ${rig.state} ${rig.failure?.message ?? ''}`),
      ),
      line(
        'beads',
        this.all('beads')
          .filter((bead) => bead.type !== 'agent')
          .map((bead) => `${bead.id} ${bead.type} ${bead.status} ${bead.wait?.code ?? ''} ${bead.failure?.code ?? ''} ${bead.title}`),
      ),
      line(
        'runs',
        this.all('runs').map(
          (run) =>
            `${run.id} ${run.state} ${run.beadId ?? 'mayor'} ${run.endReason ?? ''} ${run.failure?.code ?? ''} ${run.failure?.message ?? ''}`,
        ),
      ),
      line(
        'merges',
        this.all('merges').map((merge) => `${merge.id} ${merge.phase} ${merge.failure?.message ?? ''}`),
      ),
      line(
        'nudges',
        this.all('nudges').map((nudge) => `${nudge.state} ${nudge.text.slice(0, 40)}`),
      ),
      line(
        'parked',
        this.all('parked').map((effect) => `${effect.kind} ${effect.failure?.message}`),
      ),
    ].join('\n');
  }

  close(): void {
    this.#closed = true;
    this.#socket?.close();
  }
}
