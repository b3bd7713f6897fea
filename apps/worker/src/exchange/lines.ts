/** The text of a file; a line whose bytes are no UTF-8 is marked, and stops no other. */
const NOT_UTF8 = '\uFFFD';
const LINE_FEED = 10;

export function textOf(bytes: Uint8Array): string {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  try {
    return strict.decode(bytes);
  } catch {
    return [...linesOf(bytes)].map((line) => decoded(strict, line)).join('\n');
  }
}
function decoded(strict: TextDecoder, line: Uint8Array): string {
  try {
    return strict.decode(line);
  } catch {
    return NOT_UTF8;
  }
}
function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from <= bytes.length;) {
    const end = bytes.indexOf(LINE_FEED, from);
    const to = end === -1 ? bytes.length : end;
    yield bytes.subarray(from, to);
    from = to + 1;
  }
}
