import { LIMITS, type TranscriptItem } from '@gastown/protocol';

/** A transcript item that is too long is cut, and says so (DM-17). */
const sizeOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).byteLength;
const note = (bytes: number): string => `\n… [${bytes} bytes are not kept]`;

export function cutItem(item: TranscriptItem, limit: number = LIMITS.transcriptItemBytes.value): TranscriptItem {
  const over = sizeOf(item) - limit;
  if (over <= 0) return item;
  switch (item.kind) {
    case 'user':
    case 'assistant':
    case 'thought':
    case 'notice':
      return { ...item, text: cutText(item.text, limit / 2) };
    case 'tool':
      return cutTool(item, limit);
    case 'plan':
      return { ...item, entries: item.entries.slice(0, 100).map((entry) => ({ ...entry, text: cutText(entry.text, 500) })) };
    case 'turn_end':
      return { ...item, stopReason: cutText(item.stopReason, 500) };
  }
}

function cutTool(item: Extract<TranscriptItem, { kind: 'tool' }>, limit: number): TranscriptItem {
  const input = sizeOf(item.input) > limit / 4 ? cutText(JSON.stringify(item.input), limit / 8) : item.input;
  const output = item.output === null ? null : cutText(item.output, limit / 4);
  return { ...item, tool: cutText(item.tool, 500), title: cutText(item.title, 2_000), input, output };
}

/** Keeps at most `bytes` bytes of the JSON text of it: JSON may write one character with six bytes. */
function cutText(text: string, bytes: number): string {
  const whole = sizeOf(text);
  if (whole <= bytes) return text;
  let kept = text.slice(0, Math.floor(bytes));
  while (sizeOf(kept) > bytes) kept = kept.slice(0, Math.floor(kept.length * 0.8));
  return kept + note(whole - sizeOf(kept));
}
