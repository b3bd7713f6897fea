import { expect, test } from 'vitest';
import { isLong } from './is-long.ts';

test('a text is long by its lines, and by lines that are broken on the page (UI-18)', () => {
  expect(isLong('')).toBe(false);
  expect(isLong('line\n'.repeat(59))).toBe(false);
  expect(isLong('line\n'.repeat(61))).toBe(true);
  expect(isLong('word '.repeat(1_000))).toBe(false);
  expect(isLong('word '.repeat(1_200))).toBe(true);
});
