import type { TranscriptItem } from '@gastown/protocol';
import { redactedJson } from '../system/redact.ts';
import { fittingItem } from './fit-item.ts';
import { beforeCut } from './tool-output.ts';

/**
 * The items of a transcript that the town has not stored yet, in the order in which they were put. Bounded: of what waits the newest is kept, and a notice at the end says how much is missing.
 */
export interface WaitingItems {
  /** As it is to be sent. */
  add(item: TranscriptItem): WaitingItem;
  /** Drops the oldest beyond this many characters. The notice that says so is what was added, null where nothing was dropped. */
  shrink(most: number): WaitingItem | null;
  /** Everything up to this number is stored. */
  acknowledge(seq: number): void;
  all(): readonly WaitingItem[];
  /** As JSON. */
  characters(): number;
  /** How many were dropped so far. */
  dropped(): number;
  clear(): void;
}

export interface WaitingItem {
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

  const add = (item: TranscriptItem): WaitingItem => {
    const fitted = fittingItem(withoutSecrets(item, redact));
    const entry: WaitingItem = { item: fitted, seq: null, characters: JSON.stringify(fitted).length };
    waiting.push(entry);
    characters += entry.characters;
    return entry;
  };
  const keep = (kept: WaitingItem[]): void => {
    waiting = kept;
    characters = kept.reduce((sum, entry) => sum + entry.characters, 0);
  };
  return {
    add,
    shrink(most) {
      const newest = waiting.at(-1)?.item;
      if (newest === undefined || characters <= most) return null;
      const id = `${runId}-lost`;
      const notices = waiting.filter(({ item }) => isLoss(item) && item.id !== id);
      const items = waiting.filter(({ item }) => !isLoss(item));
      let from = 0;
      for (let left = characters; from < items.length && left > most; from++) left -= items[from]!.characters;
      if (from === 0) return null;
      dropped += from;
      keep([...notices, ...items.slice(from)]);
      const text = `The town could not be reached for so long that ${dropped} items are missing here.`;
      return add({ id, runId, at: newest.at, kind: 'notice', code: 'transcript_lost', text });
    },
    acknowledge: (seq) => keep(waiting.filter((entry) => entry.seq === null || entry.seq > seq)),
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
