/**
 * Text of others as data: in a fence that is longer than any fence inside it, so that it cannot end its own block and speak as us.
 */
export function dataBlock(text: string, info = 'text'): string {
  const longest = Math.max(0, ...[...text.matchAll(/`{3,}/g)].map((run) => run[0].length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${info}\n${text.trimEnd()}\n${fence}`;
}

/** One line: no line breaks, so that a title cannot begin a section. */
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
