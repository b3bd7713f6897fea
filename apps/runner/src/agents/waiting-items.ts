import { LIMITS } from '@gastown/protocol';
import type { TranscriptItem } from '@gastown/protocol';
import { redactedJson } from '../system/redact.ts';
import { fittingItem } from './fit-item.ts';
import { beforeCut } from './tool-output.ts';

/**
 * The items of a transcript that the town has not stored yet, in the order in which they were put: first those that are on their way to it, then those that are not. Bounded: of what waits the newest is kept, and a
 * notice at the end says how much is missing.
 */
export interface WaitingItems {
  add(item: TranscriptItem): void;
  /** The next to be sent, which from now on is on its way under this number; null: none, or there is as much on its way as may be. */
  next(seq: number): TranscriptItem | null;
  /** The connection is gone: nothing is on its way. */
  lost(): void;
  /** Drops the oldest beyond this many characters, and says so in a notice. False: nothing was dropped. */
  shrink(most: number): boolean;
  /** Everything up to this number is stored. */
  acknowledge(seq: number): void;
  all(): readonly WaitingItem[];
  /** As JSON. */
  characters(): number;
  /** How many were dropped so far. */
  dropped(): number;
  clear(): void;
}

/** A town that takes longer than its agent talks gets no more meanwhile: what is handed to a socket waits in memory without any bound. */
const MOST_ON_THE_WAY = 2 * LIMITS.frameBytes.value;
/** Each is a write of the town, and whoever asks it for something else waits for those before. */
const MOST_SENT = 64;

interface WaitingItem {
  readonly item: TranscriptItem;
  readonly characters: number;
  /** Its number on the connection that is open, null: not sent on it. */
  seq: number | null;
}

/** `runId`: in whose place of the transcript a loss is told. */
export function makeWaitingItems(runId: string, redact: (text: string) => string): WaitingItems {
  let waiting: WaitingItem[] = [];
  let characters = 0;
  let dropped = 0;
  /** How many of the first are on their way, and their characters. */
  let sent = 0;
  let onTheWay = 0;

  const add = (item: TranscriptItem): void => {
    const fitted = fittingItem(withoutSecrets(item, redact));
    const entry: WaitingItem = { item: fitted, seq: null, characters: JSON.stringify(fitted).length };
    waiting.push(entry);
    characters += entry.characters;
  };
  const sum = (entries: readonly WaitingItem[]): number => entries.reduce((total, entry) => total + entry.characters, 0);
  const keep = (kept: WaitingItem[]): void => {
    waiting = kept;
    characters = sum(kept);
    const unsent = kept.findIndex(({ seq }) => seq === null);
    sent = unsent === -1 ? kept.length : unsent;
    for (const entry of kept.slice(sent)) entry.seq = null;
    onTheWay = sum(kept.slice(0, sent));
  };
  return {
    add,
    next(seq) {
      const entry = waiting[sent];
      if (entry === undefined || sent >= MOST_SENT) return null;
      if (sent > 0 && onTheWay + entry.characters > MOST_ON_THE_WAY) return null;
      entry.seq = seq;
      sent += 1;
      onTheWay += entry.characters;
      return entry.item;
    },
    lost() {
      for (const entry of waiting) entry.seq = null;
      sent = 0;
      onTheWay = 0;
    },
    shrink(most) {
      const newest = waiting.at(-1)?.item;
      if (newest === undefined || characters <= most) return false;
      const id = `${runId}-lost`;
      const notices = waiting.filter(({ item }) => isLoss(item) && item.id !== id);
      const items = waiting.filter(({ item }) => !isLoss(item));
      let from = 0;
      for (let left = characters; from < items.length && left > most; from++) left -= items[from]!.characters;
      if (from === 0) return false;
      dropped += from;
      keep([...notices, ...items.slice(from)]);
      const text = `The town was out of reach, or more was said than it could take: ${dropped} items are missing here.`;
      add({ id, runId, at: newest.at, kind: 'notice', code: 'transcript_lost', text });
      return true;
    },
    acknowledge(seq) {
      let stored = 0;
      while (stored < sent && waiting[stored]!.seq! <= seq) stored++;
      const gone = sum(waiting.splice(0, stored));
      sent -= stored;
      onTheWay -= gone;
      characters -= gone;
    },
    all: () => waiting,
    characters: () => characters,
    dropped: () => dropped,
    clear: () => keep([]),
  };
}

/** What tells a loss is small, and never dropped itself. */
const isLoss = (item: TranscriptItem): boolean => item.kind === 'notice' && item.code === 'transcript_lost';

/** Before anything of it is cut off; where an agent's text was cut already, a part of a secret may stand before the mark. */
function withoutSecrets(item: TranscriptItem, redact: (text: string) => string): TranscriptItem {
  const clean = (text: string): string => {
    const { before, mark } = beforeCut(text);
    return redact(before) + mark;
  };
  return JSON.parse(redactedJson(clean, item)) as TranscriptItem;
}
