import { LIMITS, type StreamIn, type StreamOut } from '@gastown/protocol';

/**
 * The items that are being written now, in memory only: a watcher who comes late gets each from its beginning.
 * After a gap (this object was asleep, or the text grew too long to hold) the text so far is sent to everyone anew, from offset 0.
 */
type LiveIn = Extract<StreamIn, { t: 'live' }>;
type LiveOut = Extract<StreamOut, { t: 'live' }>;
interface Open {
  readonly frame: LiveOut;
  text: string;
  /** What to take from the runner's offsets to get ours. */
  shift: number;
}
const OPEN_AT_MOST = 64;
const LEFT_OUT = '… ';

export class LiveItems {
  readonly #open = new Map<string, Open>();
  readonly #limit: number;
  constructor(limit: number = LIMITS.transcriptItemBytes.value / 2) {
    this.#limit = limit;
  }

  /** The frame for every watcher, or null when there is nothing new in it. */
  add({ t, id, runId, kind, offset, text, at }: LiveIn): LiveOut | null {
    const open = this.#open.get(id);
    if (!open || offset === 0) return this.#begin({ t, id, runId, kind, offset: 0, text: '', at }, offset, text);
    const ours = offset - open.shift;
    if (ours > open.text.length) return this.#begin(open.frame, offset, text);
    const fresh = text.slice(open.text.length - ours);
    if (!fresh) return null;
    if (open.text.length + fresh.length > this.#limit) return this.#begin(open.frame, offset + text.length - fresh.length, fresh);
    const out = { ...open.frame, offset: open.text.length, text: fresh, at };
    open.text += fresh;
    return out;
  }

  settle(id: string): void {
    this.#open.delete(id);
  }
  /** Nobody writes the items of this run any more. */
  leave(runId: string): void {
    for (const [id, { frame }] of Array.from(this.#open)) if (frame.runId === runId) this.#open.delete(id);
  }
  /** Each open item whole, for a watcher who just came. */
  all(): LiveOut[] {
    return [...this.#open.values()].map(({ frame, text }) => ({ ...frame, offset: 0, text }));
  }

  /** A writer that settles nothing does not fill the memory: the oldest goes. */
  #makeRoom(id: string): void {
    const [oldest] = this.#open.keys();
    if (oldest !== undefined && this.#open.size >= OPEN_AT_MOST && !this.#open.has(id)) this.#open.delete(oldest);
  }

  #begin(frame: LiveOut, offset: number, text: string): LiveOut {
    const whole = (offset === 0 ? '' : LEFT_OUT) + text;
    this.#makeRoom(frame.id);
    this.#open.set(frame.id, { frame, text: whole, shift: offset + text.length - whole.length });
    return { ...frame, offset: 0, text: whole };
  }
}
