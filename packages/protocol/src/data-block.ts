import { plainText } from './text.ts';

/**
 * Text of others as data: in a fence that is longer than any fence inside it, so that it cannot end its own block and speak as us. What a person who reads it would not see is not given to a model.
 */
export function dataBlock(given: string, info = 'text'): string {
  const text = plainText(given);
  const longest = Math.max(0, ...[...text.matchAll(/`{3,}/g)].map((run) => run[0].length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${info}\n${text.trimEnd()}\n${fence}`;
}
