import { readOutput, ToViewer, typed } from '@gastown/protocol';

/** A page that looks at a terminal and draws nothing: it acknowledges what comes at once. */
export class Watch {
  text = '';
  state: Extract<ToViewer, { t: 'state' }> | null = null;
  bytes = 0;
  #number = 0;
  #told: (() => void) | null = null;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    const decoder = new TextDecoder();
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) {
        const { offset, bytes } = readOutput(new Uint8Array(data))!;
        this.bytes += bytes.byteLength;
        this.text = (this.text + decoder.decode(bytes, { stream: true })).slice(-100_000);
        socket.send(JSON.stringify({ t: 'ack', offset: offset + bytes.byteLength }));
      } else {
        const frame = ToViewer.parse(JSON.parse(String(data)));
        if (frame.t === 'again') this.#open();
        if (frame.t === 'state') this.state = frame;
        if (frame.t === 'refused') throw new Error(frame.failure.message);
      }
      this.#told?.();
    });
  }

  /** Resolves when the screen is here. */
  static async open(address: string, headers: Record<string, string>): Promise<Watch> {
    // Node's own takes headers; the types know only what a browser's takes.
    const socket = new WebSocket(address.replace(/^http/, 'ws'), { headers } as unknown as string[]);
    const watch = new Watch(socket);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', reject);
    });
    watch.#open();
    await watch.until(() => watch.state !== null);
    return watch;
  }

  type(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.#socket.send(typed({ number: this.#number, bytes }));
    this.#number += bytes.byteLength;
  }

  async until(look: () => boolean): Promise<void> {
    while (!look()) await new Promise<void>((resolve) => (this.#told = resolve));
  }

  close(): void {
    this.#socket.close();
  }

  #open(): void {
    this.#socket.send(JSON.stringify({ t: 'open', client: crypto.randomUUID(), cols: 120, rows: 40, have: null }));
  }
}
