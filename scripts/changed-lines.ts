const HUNK = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** What `git diff --unified=0` says was added or changed: ranges of lines of each file as they are now, as `path:first-last`. What was only taken away has none. */
export function changedLines(diff: string): string[] {
  const lines = diff.split('\n');
  const ranges: string[] = [];
  let file: string | null = null;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]!;
    if (line.startsWith('+++ ')) file = line.startsWith('+++ b/') ? line.slice('+++ b/'.length) : null;
    const hunk = HUNK.exec(line);
    if (!hunk) continue;
    const [before = 1, first, after = 1] = hunk.slice(1).map((text) => (text === undefined ? undefined : Number(text)));
    if (file !== null && after > 0) ranges.push(`${file}:${first}-${first! + after - 1}`);
    at += before + after; // the lines themselves may look like anything
  }
  return ranges;
}

/** So many lines of the ranges as may be, in their order; a range that goes over is cut. `left`: how many lines are in none of them. */
export function firstLines(ranges: readonly string[], most: number): { ranges: string[]; left: number } {
  const taken: string[] = [];
  let [room, left] = [most, 0];
  for (const range of ranges) {
    const at = range.lastIndexOf(':');
    const [first = 0, last = 0] = range
      .slice(at + 1)
      .split('-')
      .map(Number);
    const count = Math.min(room, last - first + 1);
    if (count > 0) taken.push(`${range.slice(0, at)}:${first}-${first + count - 1}`);
    room -= count;
    left += last - first + 1 - count;
  }
  return { ranges: taken, left };
}
