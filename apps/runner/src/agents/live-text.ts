import { LIMITS } from '@gastown/protocol';
import type { StreamIn } from '@gastown/protocol';
import type { Redactor } from '../system/redact.ts';

type Live = Extract<StreamIn, { t: 'live' }>;

/** Text that is being written, on its way to who watches: joined into at most 20 frames a second, each without secrets, also those that are said in pieces. */
export interface LiveText {
  add(said: Live): void;
  /** This item is settled: what of it was held back arrives with it. What is being written of another is sent. */
  settle(id: string): void;
  stop(): void;
}

export interface LiveSurroundings {
  readonly redactor: Pick<Redactor, 'redact' | 'begun'>;
  readonly send: (frame: Live) => unknown;
  /** How long text waits for what follows, where a secret may begin. */
  readonly heldMs?: number | undefined;
}

const LIVE_MS = 50;
const HELD_MS = 500;
/** Characters. */
const MOST_LIVE = LIMITS.frameBytes.value / 8;
/** Of what was told so many characters may be the beginning of a secret: of more no frame is sent before the rest is there. */
const TAIL = 8;

export function makeLiveText({ redactor, send, heldMs = HELD_MS }: LiveSurroundings): LiveText {
  let pending: Live | null = null;
  /** What was sent last: up to where, and how many characters that was without the secrets, by which the frames of an item fit together. */
  let told: { readonly id: string; readonly end: number; readonly sent: number; readonly tail: string } | null = null;
  let timer: NodeJS.Timeout | null = null;
  let patience: NodeJS.Timeout | undefined;

  const stop = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    clearTimeout(patience);
  };
  /** `much`: nothing came for a moment, and only a good part of a secret still waits for what follows; else that arrives with the settled item. */
  const flush = (much: boolean): void => {
    stop();
    if (pending === null) return;
    const { id, text, offset } = pending;
    const before = told?.id === id && told.end === offset ? told : { sent: offset, tail: '' };
    const held = Math.min(text.length, redactor.begun(before.tail + text, much));
    const next = text.slice(0, text.length - held);
    if (next !== '') {
      const clean = redactor.redact(next, before.tail);
      // What is too long for a frame arrives with the settled item, cut.
      if (next.length <= MOST_LIVE) send({ ...pending, offset: before.sent, text: clean });
      told = { id, end: offset + next.length, sent: before.sent + clean.length, tail: (before.tail + next).slice(-TAIL) };
    }
    pending = held === 0 ? null : { ...pending, text: text.slice(-held), offset: offset + next.length };
    if (pending !== null && !much) patience = setTimeout(() => flush(true), heldMs);
  };
  return {
    add(said) {
      if (pending?.id === said.id && pending.offset + pending.text.length === said.offset)
        pending = { ...pending, text: pending.text + said.text, at: said.at };
      else {
        flush(false);
        pending = said;
      }
      clearTimeout(patience);
      timer ??= setTimeout(() => flush(false), LIVE_MS);
    },
    settle(id) {
      flush(false);
      if (pending?.id === id) pending = null;
    },
    stop,
  };
}
