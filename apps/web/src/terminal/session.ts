import { LIMITS, readOutput, ToViewer, typed, type Failure, type FromViewer, type LastScreen } from '@gastown/protocol';

/**
 * One look at one terminal, without a window: what is shown and up to where, what was typed and not yet taken, and what state it is in. It goes on over cuts of the
 * socket; a reload of the page begins anew. No clock and no socket of its own.
 *
 * 1. Output is shown once and in order: what comes twice is dropped by its number, and after a gap the screen is asked for whole.
 * 2. What is typed is kept until the program has it. It is sent again after a cut, and if the terminal is gone by then, the person is told that it was not sent (WS-8).
 */
export type Condition =
  | { readonly is: 'connecting' | 'open' | 'reconnecting' }
  /** No run is there; a terminal opens by itself when one is. */
  | { readonly is: 'none'; readonly last: LastScreen | null }
  | { readonly is: 'ended'; readonly last: LastScreen }
  | { readonly is: 'refused'; readonly failure: Failure };

export interface Size {
  readonly cols: number;
  readonly rows: number;
}

export interface Shown {
  /** Empties the screen and draws this; `done` when it is shown. */
  redraw(screen: string, size: Size, done: () => void): void;
  resize(size: Size): void;
  /** `done` when it is shown. */
  write(bytes: Uint8Array, done: () => void): void;
  /** Nothing can be read on it. */
  blank(): boolean;
}

export interface SessionWish {
  readonly client: string;
  /** False: not sent. */
  readonly send: (message: string | Uint8Array<ArrayBuffer>) => boolean;
  readonly shown: Shown;
  readonly onChange: () => void;
}

const INPUT_BYTES = LIMITS.terminalInputBytes.value;
const IN_FLIGHT_BYTES = 4 * INPUT_BYTES;
const ACK_BYTES = LIMITS.terminalWindowBytes.value / 8;

export class TerminalSession {
  condition: Condition = { is: 'connecting' };
  /** So many bytes were typed for a terminal that is gone, or were too many to keep. */
  notSent = 0;
  /** The program has drawn nothing yet. One that empties its screen later is no longer starting. */
  starting = true;
  /** The one that what is kept was typed for. */
  #terminal: string | null = null;
  /** Output was missed: its screen is asked for whole. */
  #gap = false;
  #received = 0;
  #acknowledged = 0;
  #wished: Size;
  #actual: Size | null = null;
  /** What was typed from `#taken` on; up to `#sent` it is on its way. */
  #kept: Uint8Array = new Uint8Array();
  #taken = 0;
  #sent = 0;
  readonly #wish: SessionWish;

  constructor(wish: SessionWish, size: Size) {
    this.#wish = wish;
    this.#wished = size;
  }

  /** Typed here and not taken by the program yet. */
  get waiting(): number {
    return this.#kept.byteLength;
  }

  /** The first frame of each socket; null when a person must want another one first. */
  hello(): FromViewer | null {
    return this.#isOverForGood() ? null : this.#open();
  }

  #open(): FromViewer {
    const have = this.#terminal === null || this.#gap ? null : { terminal: this.#terminal, offset: this.#received };
    return { t: 'open', client: this.#wish.client, ...this.#wished, have };
  }

  /** The person wants another one after this is over. */
  again(): void {
    if (this.condition.is === 'open') return;
    this.#become({ is: 'connecting' });
    this.#say(this.#open());
  }

  /** Asked again while nothing answers: an answer that was lost on the way may come now. */
  nudge(): void {
    if (this.condition.is === 'connecting' || this.condition.is === 'reconnecting') this.#say(this.#open());
  }

  down(): void {
    if (this.condition.is === 'open' || this.condition.is === 'connecting') this.#become({ is: 'reconnecting' });
  }

  /** False: it cannot be read. */
  frame(data: unknown): boolean {
    const frame = ToViewer.safeParse(data);
    if (!frame.success) return false;
    this.#obey(frame.data);
    return true;
  }

  bytes(message: Uint8Array): void {
    const output = readOutput(message);
    if (!output || this.condition.is !== 'open' || this.#gap) return;
    const { offset, bytes } = output;
    if (offset > this.#received) {
      this.#gap = true;
      return this.#say(this.#open());
    }
    const fresh = bytes.subarray(Math.min(this.#received - offset, bytes.byteLength));
    if (fresh.byteLength === 0) return;
    this.#received += fresh.byteLength;
    const terminal = this.#terminal;
    const shown = this.#received;
    this.#wish.shown.write(fresh, () => {
      this.#look(terminal);
      // Soon enough for a flood, and always for the last of what came.
      if (this.#terminal !== terminal || (shown - this.#acknowledged < ACK_BYTES && shown !== this.#received)) return;
      this.#acknowledged = shown;
      this.#say({ t: 'ack', offset: shown });
    });
  }

  /** False: it is over, or too much was typed while nothing took it. */
  type(bytes: Uint8Array): boolean {
    if (this.condition.is !== 'open' && this.condition.is !== 'reconnecting' && this.condition.is !== 'connecting') return false;
    if (this.#kept.byteLength + bytes.byteLength > LIMITS.terminalKeptBytes.value) {
      this.notSent += bytes.byteLength;
      this.#wish.onChange();
      return false;
    }
    // Who types has the room: the terminal takes the size of this page.
    if (this.#actual && !same(this.#actual, this.#wished)) this.#say({ t: 'size', ...this.#wished });
    const kept = new Uint8Array(this.#kept.byteLength + bytes.byteLength);
    kept.set(this.#kept);
    kept.set(bytes, this.#kept.byteLength);
    this.#kept = kept;
    this.#pump();
    if (this.condition.is !== 'open') this.#wish.onChange();
    return true;
  }

  /** The place of the terminal on the page has room for this much. */
  fits(size: Size): void {
    if (same(size, this.#wished)) return;
    this.#wished = size;
    if (this.condition.is === 'open') this.#say({ t: 'size', ...size });
  }

  forgetNotSent(): void {
    this.notSent = 0;
    this.#wish.onChange();
  }

  #obey(frame: ToViewer): void {
    switch (frame.t) {
      case 'state':
        return this.#begin(frame);
      case 'size':
        return this.#resize(frame);
      case 'typed':
        this.#take(frame.number);
        return this.#pump();
      case 'again':
        if (this.#isOverForGood()) return;
        if (this.condition.is !== 'open') this.#become({ is: this.#terminal === null ? 'connecting' : 'reconnecting' });
        return this.#say(this.#open());
      case 'away':
        return this.down();
      case 'none':
        return this.#stop({ is: 'none', last: frame.last });
      case 'ended':
        return this.#stop({ is: 'ended', last: frame.last });
      case 'refused':
        return this.#stop({ is: 'refused', failure: frame.failure });
    }
  }

  #begin({ terminal, offset, cols, rows, screen, typed: taken }: Extract<ToViewer, { t: 'state' }>): void {
    if (terminal !== this.#terminal && this.#terminal !== null) this.#dropKept();
    if (terminal !== this.#terminal) this.starting = true;
    this.#terminal = terminal;
    this.#gap = false;
    if (screen === null) this.#resize({ cols, rows });
    else {
      this.#actual = { cols, rows };
      this.#wish.shown.redraw(screen, { cols, rows }, () => this.#look(terminal));
      this.#received = offset;
      this.#acknowledged = offset;
    }
    this.#take(taken);
    this.#sent = this.#taken;
    this.#become({ is: 'open' });
    this.#pump();
  }

  #look(terminal: string | null): void {
    if (!this.starting || this.#terminal !== terminal || this.#wish.shown.blank()) return;
    this.starting = false;
    this.#wish.onChange();
  }

  #resize({ cols, rows }: Size): void {
    if (this.#actual && same(this.#actual, { cols, rows })) return;
    this.#actual = { cols, rows };
    this.#wish.shown.resize({ cols, rows });
  }

  #take(number: number): void {
    if (number <= this.#taken) return;
    this.#kept = this.#kept.slice(Math.min(number - this.#taken, this.#kept.byteLength));
    this.#taken = number;
    this.#sent = Math.max(this.#sent, number);
  }

  /** Sends what is kept, piece by piece, no more at once than the program can have taken soon. */
  #pump(): void {
    if (this.condition.is !== 'open') return;
    for (;;) {
      const from = this.#sent - this.#taken;
      const bytes = this.#kept.subarray(from, from + INPUT_BYTES);
      if (bytes.byteLength === 0 || from >= IN_FLIGHT_BYTES || !this.#wish.send(typed({ number: this.#sent, bytes }))) return;
      this.#sent += bytes.byteLength;
    }
  }

  /** One that ended with its run comes back with the next; any other waits for a person. */
  #isOverForGood(): boolean {
    return this.condition.is === 'ended' && !['run_over', 'runner_stopped'].includes(this.condition.last.reason);
  }

  #stop(condition: Condition): void {
    const last = 'last' in condition ? condition.last : null;
    if (last && (this.#terminal === null || this.#gap)) this.#wish.shown.redraw(last.screen, last, () => undefined);
    this.#dropKept();
    this.#terminal = null;
    this.#gap = false;
    this.#actual = null;
    this.#become(condition);
  }

  /** The terminal that it was for is gone. */
  #dropKept(): void {
    this.notSent += this.#kept.byteLength;
    this.#kept = new Uint8Array();
    this.#taken = 0;
    this.#sent = 0;
  }

  #become(condition: Condition): void {
    this.condition = condition;
    this.#wish.onChange();
  }
  #say(frame: FromViewer): void {
    this.#wish.send(JSON.stringify(frame));
  }
}

const same = (one: Size, other: Size): boolean => one.cols === other.cols && one.rows === other.rows;
