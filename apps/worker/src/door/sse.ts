/** Reads the `data:` lines of an event stream as they pass, in any chunking. A line longer than the limit is skipped: it is not a usage report. */
const LINE_LIMIT = 1_000_000;

export class DataLines {
  readonly #decoder = new TextDecoder();
  readonly #onData: (data: string) => void;
  #rest = '';
  constructor(onData: (data: string) => void) {
    this.#onData = onData;
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
    if (this.#rest.length > LINE_LIMIT) this.#rest = '';
  }

  end(): void {
    this.#line(this.#rest);
    this.#rest = '';
  }

  #line(line: string): void {
    if (line.startsWith('data:')) this.#onData(line.slice(5).trim());
  }
}
