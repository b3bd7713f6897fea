/** Keeps the last `most` bytes of a stream: the end of a gate's output is where the reason is. */
export interface Tail {
  add(chunk: Buffer): void;
  text(): string;
  truncated(): boolean;
}

export function makeTail(most: number): Tail {
  let kept: Buffer[] = [];
  let size = 0;
  let dropped = false;
  const shorten = (): void => {
    const all = Buffer.concat(kept);
    dropped ||= all.length > most;
    const end = all.subarray(Math.max(all.length - most, 0));
    kept = [Buffer.from(end)];
    size = end.length;
  };
  return {
    add(chunk) {
      kept.push(chunk);
      size += chunk.length;
      if (size > most * 2) shorten();
    },
    text() {
      shorten();
      const text = (kept[0] ?? Buffer.alloc(0)).toString('utf8');
      // A cut in the middle of a character leaves replacement characters at the front.
      return dropped ? text.replace(/^\uFFFD+/, '') : text;
    },
    truncated() {
      shorten();
      return dropped;
    },
  };
}
