import { LIMITS } from '@gastown/protocol';

/** The text of a file; a line whose bytes are no UTF-8 is marked, and stops no other. */
const NOT_UTF8 = '\uFFFD';
const LINE_FEED = 10;

export function textOf(bytes: Uint8Array): string {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  try {
    return strict.decode(bytes);
  } catch {
    return lineByLine(strict, bytes);
  }
}
/** Millions of lines would keep everybody waiting; of what comes after those that one import takes, only that it is there matters: the town refuses the file. */
function lineByLine(strict: TextDecoder, bytes: Uint8Array): string {
  const lines: string[] = [];
  let from = 0;
  for (; from <= bytes.length && lines.length < LIMITS.importLines.value;) {
    const end = bytes.indexOf(LINE_FEED, from);
    const to = end === -1 ? bytes.length : end;
    lines.push(decoded(strict, bytes.subarray(from, to)));
    from = to + 1;
  }
  if (from <= bytes.length) lines.push(new TextDecoder().decode(bytes.subarray(from)));
  return lines.join('\n');
}
function decoded(strict: TextDecoder, line: Uint8Array): string {
  try {
    return strict.decode(line);
  } catch {
    return NOT_UTF8;
  }
}
