import type { StoredItem, StreamOut } from '@gastown/protocol';

/**
 * One agent's transcript in the browser. Settled items by id, in the order of `pos`; beside them the text that is being written.
 * Invariants: T1 an item is never replaced by an older write of itself; T2 text in writing disappears when its item settles or its run's turn ends;
 * T3 `items` has no gap: an old item that is written anew (a plan is, all through its run) waits in `early` until the pages between are loaded.
 */
interface LiveText {
  readonly id: string;
  readonly runId: string;
  readonly kind: 'assistant' | 'thought';
  readonly base: number;
  readonly text: string;
  readonly at: number;
}
export interface Transcript {
  readonly rev: number;
  /** False until the first answer came. */
  readonly loaded: boolean;
  readonly more: boolean;
  readonly items: readonly StoredItem[];
  readonly early: readonly StoredItem[];
  readonly live: readonly LiveText[];
}
export const EMPTY: Transcript = { rev: 0, loaded: false, more: false, items: [], early: [], live: [] };
type ItemsFrame = Extract<StreamOut, { t: 'items' }>;
type LiveFrame = Extract<StreamOut, { t: 'live' }>;

export function applyFrame(transcript: Transcript, frame: StreamOut): Transcript {
  return frame.t === 'items' ? applyItems(transcript, frame) : applyLive(transcript, frame);
}

function applyItems(held: Transcript, frame: ItemsFrame): Transcript {
  // Between what is held and these there may be a gap (T3).
  const transcript = frame.anew ? { ...EMPTY, live: held.live } : held;
  const settled = new Set(frame.items.map((stored) => stored.item.id));
  const ended = new Set(frame.items.filter((stored) => stored.item.kind === 'turn_end').map((stored) => stored.item.runId));
  // Only the first answer speaks of older items; a later write does not know what was loaded by scrolling.
  const more = transcript.loaded ? transcript.more : frame.more;
  const from = transcript.loaded && more ? oldestOf(transcript.items) : -Infinity;
  return {
    rev: Math.max(transcript.rev, frame.rev),
    loaded: true,
    more,
    ...placed(transcript.items, [...transcript.early, ...frame.items], from),
    live: transcript.live.filter((text) => !settled.has(text.id) && !ended.has(text.runId)),
  };
}

/** Older items come by request; `full` says that the page asked for was filled, so there may be more. */
export function prependOlder(transcript: Transcript, older: readonly StoredItem[], full: boolean): Transcript {
  const more = full && older.length > 0;
  const from = more ? Math.min(oldestOf(older), oldestOf(transcript.items)) : -Infinity;
  return { ...transcript, more, ...placed(transcript.items, [...older, ...transcript.early], from) };
}

const oldestOf = (items: readonly StoredItem[]): number => Math.min(...items.map(({ pos }) => pos));

/** `from`: the place from which on everything is loaded. */
function placed(held: readonly StoredItem[], incoming: readonly StoredItem[], from: number): Pick<Transcript, 'items' | 'early'> {
  const now = incoming.filter(({ pos }) => pos >= from);
  const early = incoming.filter(({ pos }) => pos < from);
  return { items: mergeItems(held, now), early: mergeItems([], early) };
}

function mergeItems(held: readonly StoredItem[], incoming: readonly StoredItem[]): readonly StoredItem[] {
  if (incoming.length === 0) return held;
  const byId = new Map(held.map((stored) => [stored.item.id, stored]));
  for (const stored of incoming) {
    const old = byId.get(stored.item.id);
    if (!old || stored.rev > old.rev) byId.set(stored.item.id, stored);
  }
  return [...byId.values()].toSorted((a, b) => a.pos - b.pos);
}

function applyLive(transcript: Transcript, frame: LiveFrame): Transcript {
  if ([transcript.items, transcript.early].some((settled) => settled.some(({ item }) => item.id === frame.id))) return transcript;
  const at = transcript.live.findIndex((text) => text.id === frame.id);
  const old = transcript.live[at];
  const next = old
    ? extend(old, frame)
    : { id: frame.id, runId: frame.runId, kind: frame.kind, base: frame.offset, text: frame.text, at: frame.at };
  return { ...transcript, live: old ? transcript.live.with(at, next) : [...transcript.live, next] };
}

/** A frame behind a hole starts the text anew: what was missed comes with the settled item. */
function extend(old: LiveText, frame: LiveFrame): LiveText {
  const into = frame.offset - old.base;
  if (into < 0 || into > old.text.length) return { ...old, base: frame.offset, text: frame.text };
  return { ...old, text: old.text.slice(0, into) + frame.text };
}
