/**
 * Markdown is parsed on the page's only thread, and parts of that take the square of what they are given: 20 000 characters of `*a _b ` take nine seconds.
 * What no person and no model writes to be read stays the text it is. Within these bounds the worst text known takes two seconds.
 */
const MOST = {
  characters: 50_000,
  lines: 3_000,
  /** Characters with a meaning inside a line. */
  signs: 4_000,
  /** A table gives each of its lines as many cells as its widest has. */
  cells: 20_000,
};
/** Quotations and lists within each other: each is a level of the parser's own recursion. */
const STAIRS = /^[ \t>*+\d.)-]{200}/m;
const SIGN = /[*_~`[\]<>|\\]/g;

export function isTangled(text: string): boolean {
  if (text.length > MOST.characters || STAIRS.test(text)) return true;
  const lines = text.split(/\r\n?|\n/);
  const columns = Math.max(...lines.map((line) => line.split('|').length));
  const signs = text.match(SIGN)?.length ?? 0;
  return lines.length > MOST.lines || signs > MOST.signs || (columns > 2 && columns * lines.length > MOST.cells);
}

interface Node {
  readonly children?: readonly Node[];
}
/** Levels within each other; a list in a list is four of them. */
const DEEPEST = 100;

/** Everything after the parser walks the tree by recursion, and so does the browser: a deeper tree is refused before that (a remark plugin). */
export const refuseDeep =
  () =>
  (tree: Node): void => {
    let level: readonly Node[] = [tree];
    for (let depth = 0; level.length > 0; depth += 1) {
      if (depth > DEEPEST) throw new RangeError(`Markdown of more than ${DEEPEST} levels`);
      level = level.flatMap((node) => node.children ?? []);
    }
  };
