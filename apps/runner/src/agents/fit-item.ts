import { LIMITS } from '@gastown/protocol';
import type { TranscriptItem } from '@gastown/protocol';
import { cutTo } from './tool-output.ts';

/** With its frame, and what a redaction may add. */
const MOST_BYTES = (LIMITS.frameBytes.value * 3) / 4;
/** Characters that each text keeps, and entries of each list, tried in turn. */
const CUTS = [65_536, 8_192, 1_024, 128] as const;
const CHARACTERS_PER_ENTRY = 64;

/** The town closes the stream at a longer frame, and then at the same one again: an item is made to fit before it is sent once. What it is and where it stands stays the same. */
export function fittingItem(item: TranscriptItem): TranscriptItem {
  if (fits(item)) return item;
  const { id, runId, at, kind, ...rest } = item;
  for (const most of CUTS) {
    // Only texts and lists become shorter: the shape stays that of an item.
    const shorter = { id, runId, at, kind, ...(cutAll(rest, most) as object) } as TranscriptItem;
    if (fits(shorter)) return shorter;
  }
  return { id, runId, at, kind: 'notice', code: 'too_large', text: `What stood here (${kind}) was too large to keep.` };
}

const fits = (item: TranscriptItem): boolean => Buffer.byteLength(JSON.stringify(item)) <= MOST_BYTES;

function cutAll(value: unknown, most: number): unknown {
  if (typeof value === 'string') return cutTo(value, most);
  if (Array.isArray(value)) return value.slice(0, Math.max(1, most / CHARACTERS_PER_ENTRY)).map((each) => cutAll(each, most));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cutAll(each, most)]));
}
