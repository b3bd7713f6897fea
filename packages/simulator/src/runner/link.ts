import type {
  DoneEvidence,
  Failure,
  FromRunner,
  Generation,
  Report,
  Result,
  RunId,
  ToolAnswer,
  ToolName,
  ToRunner,
} from '@gastown/protocol';
import type { Random } from '../world/random.ts';
import type { World } from '../world/world.ts';
import type { RunnerWire } from '../town/shell.ts';

/**
 * The runner's side of the link, by the same rules as apps/runner/src/link/link.ts: reports leave in the order of their number, nothing is forgotten before the
 * town answered it, all of it is said again after each reconnect, and before the welcome nothing but hello is said.
 */
export interface Call {
  readonly runId: RunId;
  readonly generation: Generation;
  readonly tool: ToolName;
  readonly args: unknown;
  readonly evidence: DoneEvidence | null;
}
export interface LinkHands {
  connect(end: { receive(frame: ToRunner): void; closed(): void }): RunnerWire;
  hello(): Extract<FromRunner, { t: 'hello' }>;
  onEffect(frame: Extract<ToRunner, { t: 'effect' }>): void;
  onBye(why: Failure): void;
}
type Frame = Extract<FromRunner, { t: 'report' | 'call' }>;
interface Waiting<T> {
  readonly frame: Frame;
  readonly settle: (value: T) => void;
}
const RETRY_BASE_MS = 250;
const RETRY_CAP_MS = 10_000;

export class Link {
  readonly #world: World;
  readonly #random: Random;
  readonly #hands: LinkHands;
  readonly #reports = new Map<number, Waiting<void>>();
  readonly #calls = new Map<string, Waiting<Result<ToolAnswer>>>();
  #wire: RunnerWire | null = null;
  #welcomed = false;
  #lastSeq = 0;
  #lastCall = 0;
  #failures = 0;
  #over = false;
  /** Its process hangs: the socket stays, and nothing is read or said. */
  #hangs = false;

  constructor(world: World, random: Random, hands: LinkHands) {
    this.#world = world;
    this.#random = random;
    this.#hands = hands;
    this.#connect();
  }

  #connect(): void {
    if (this.#over || this.#hangs) return;
    this.#welcomed = false;
    const wire: RunnerWire = this.#hands.connect({
      receive: (frame) => {
        if (this.#wire === wire && !this.#over && !this.#hangs) this.#receive(frame);
      },
      closed: () => {
        if (this.#wire !== wire || this.#over) return;
        this.#wire = null;
        this.#welcomed = false;
        const ceiling = Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** Math.min(this.#failures, 10));
        this.#failures += 1;
        this.#world.after(1 + this.#random.below(ceiling), () => this.#connect());
      },
    });
    this.#wire = wire;
    wire.up(this.#hands.hello());
  }

  #receive(frame: ToRunner): void {
    this.#failures = 0;
    if (frame.t === 'welcome') return this.#welcome(frame.seq);
    if (frame.t === 'ack') return this.#acknowledge(frame.seq);
    if (frame.t === 'effect') return this.#hands.onEffect(frame);
    if (frame.t === 'bye') return this.#hands.onBye(frame.failure);
    if (frame.t !== 'answer') return;
    const waiting = this.#calls.get(frame.callId);
    this.#calls.delete(frame.callId);
    waiting?.settle(frame.result);
  }
  #welcome(seq: number): void {
    this.#acknowledge(seq);
    this.#welcomed = true;
    for (const { frame } of this.#reports.values()) this.#wire?.up(frame);
    for (const { frame } of this.#calls.values()) this.#wire?.up(frame);
  }
  #acknowledge(seq: number): void {
    for (const [known, waiting] of this.#reports) {
      if (known > seq) break;
      this.#reports.delete(known);
      waiting.settle();
    }
  }
  #put(frame: Frame): void {
    if (this.#welcomed) this.#wire?.up(frame);
  }

  /** `then`: the town has committed it. */
  report(report: Report, then: () => void = () => undefined): void {
    if (this.#over || this.#hangs) return;
    const seq = (this.#lastSeq += 1);
    const frame: Frame = { t: 'report', seq, report };
    this.#reports.set(seq, { frame, settle: then });
    this.#put(frame);
  }
  call(call: Call, then: (answer: Result<ToolAnswer>) => void): void {
    if (this.#over || this.#hangs) return;
    const callId = `c${(this.#lastCall += 1)}`;
    const frame = { t: 'call', callId, ...call, args: call.args } as Extract<FromRunner, { t: 'call' }>;
    this.#calls.set(callId, { frame, settle: then });
    this.#put(frame);
  }

  hang(): void {
    this.#hangs = true;
  }
  /** Every report so far is committed. */
  get settled(): boolean {
    return this.#reports.size === 0;
  }

  close(): void {
    this.#over = true;
    this.#wire?.cut();
  }
}
