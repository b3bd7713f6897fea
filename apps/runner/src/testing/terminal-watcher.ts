import { FromTerminal, readOutputFor, typedBy } from '@gastown/protocol';
import type { LastScreen } from '@gastown/protocol';
import { makeScreen } from '../terminals/screen.ts';
import type { Terminal } from '../terminals/terminal.ts';

/** What stands at the other end of a terminal in tests: the relay, and pages that keep a screen of their own and fail when a byte is missing or comes twice. */
export class Page {
  readonly viewer: number;
  readonly screen = makeScreen({ cols: 80, rows: 24 }, () => undefined);
  terminal: string | null = null;
  offset = 0;
  states = 0;
  typed = 0;
  #typedSoFar = 0;
  acks = true;
  readonly #of: () => Terminal;
  constructor(viewer: number, of: () => Terminal) {
    this.viewer = viewer;
    this.#of = of;
  }

  join(size = { cols: 80, rows: 24 }): void {
    const have = this.terminal === null ? null : { terminal: this.terminal, offset: this.offset };
    this.#of().hear(JSON.stringify({ t: 'join', viewer: this.viewer, client: `page-${this.viewer}`, ...size, have }));
  }
  type(text: string): void {
    const bytes = Buffer.from(text);
    this.#of().hear(typedBy(this.viewer, { number: this.#typedSoFar, bytes }));
    this.#typedSoFar += bytes.byteLength;
  }
  /** Sends something typed again, as a page does that does not know whether it arrived. */
  typeAgain(text: string, number: number): void {
    this.#of().hear(typedBy(this.viewer, { number, bytes: Buffer.from(text) }));
  }
  ack(): void {
    this.#of().hear(JSON.stringify({ t: 'ack', viewer: this.viewer, offset: this.offset }));
  }
  text(): string {
    return this.screen
      .lines()
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  }

  take(frame: FromTerminal): void {
    if (frame.t === 'typed') this.typed = frame.number;
    if (frame.t === 'size') this.screen.resize(frame.cols, frame.rows, () => undefined);
    if (frame.t !== 'state') return;
    this.states += 1;
    if (frame.screen !== null) {
      this.screen.write(Buffer.from('\x1bc'), () => undefined);
      this.screen.resize(frame.cols, frame.rows, () => undefined);
      this.screen.write(Buffer.from(frame.screen), () => undefined);
      this.offset = frame.offset;
    } else if (frame.offset !== this.offset) throw new Error(`goes on at ${frame.offset}, not at ${this.offset}`);
    this.terminal = frame.terminal;
  }
  takeBytes(offset: number, bytes: Uint8Array): void {
    if (offset !== this.offset) throw new Error(`output at ${offset}, expected at ${this.offset}`);
    this.offset += bytes.byteLength;
    const { offset: now } = this;
    this.screen.write(Buffer.from(bytes), () => {
      if (this.acks && this.offset === now) this.ack();
    });
  }
}

/** Takes what a terminal sends and gives it to the pages. */
export class Relay {
  readonly pages = new Map<number, Page>();
  last: LastScreen | null = null;
  sentBytes = 0;
  readonly send = (frame: string | Uint8Array): void => {
    if (typeof frame !== 'string') {
      const output = readOutputFor(frame);
      if (!output) throw new Error('not output');
      this.sentBytes += output.bytes.byteLength;
      for (const viewer of output.viewers) this.pages.get(viewer)?.takeBytes(output.offset, output.bytes);
      return;
    }
    const said = FromTerminal.parse(JSON.parse(frame));
    if (said.t === 'ended') this.last = said.last;
    else if (said.t === 'size') for (const viewer of said.viewers) this.pages.get(viewer)?.take(said);
    else this.pages.get(said.viewer)?.take(said);
  };
}
