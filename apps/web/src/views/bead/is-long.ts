/** About as many characters stand in one line of a page. */
const LINE = 90;
/** What is folded shows forty lines: for fewer than this it would not be worth a press. */
const LONG = 60;

export function isLong(text: string): boolean {
  let lines = 0;
  for (const line of text.split('\n')) lines += Math.max(1, Math.ceil(line.length / LINE));
  return lines > LONG;
}
