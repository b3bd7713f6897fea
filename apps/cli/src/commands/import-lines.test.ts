import type { ImportedLine } from '@gastown/protocol';
import { expect, it } from 'vitest';
import { lineTexts } from './import-lines.ts';

const taken = (line: number, over: Partial<ImportedLine> = {}): ImportedLine => ({
  line,
  id: `bd-${line}`,
  verdict: 'created',
  field: null,
  why: null,
  untaken: [],
  ...over,
});
const deleted = (line: number) => taken(line, { verdict: 'skipped', why: 'it was deleted: nothing comes in' });
const without = (line: number, to: string) => taken(line, { untaken: [{ dependsOn: to, type: 'blocks', why: `${to} is not here` }] });

it('of many lines of which the same is to be said it is said once, with how many and the first of them; what can be mended comes first (I10)', () => {
  const lines = [
    ...[1, 2, 3, 4, 5].map(deleted),
    ...[6, 7, 8, 9].map((line) => without(line, `bd-x${line}`)),
    taken(10, { id: null, verdict: 'bad', field: 'title', why: 'is empty: write one.' }),
    taken(11),
    taken(12, { untaken: [{ dependsOn: 'bd-1', type: 'blocks', why: 'it would close a circle: bd-1 leads back to bd-12' }] }),
  ];
  expect(lineTexts(lines, false)).toEqual([
    '  line 10: bad: title is empty: write one.',
    '  4 dependencies not taken: the other is not here: line 6 bd-6 blocks bd-x6, line 7 bd-7 blocks bd-x7, line 8 bd-8 blocks bd-x8, …',
    '  line 12 bd-12: without blocks bd-1: it would close a circle: bd-1 leads back to bd-12',
    '  5 skipped: it was deleted: nothing comes in: line 1 bd-1, line 2 bd-2, line 3 bd-3, …',
    '  (--verbose lists each of them)',
  ]);
  const all = lineTexts(lines, true);
  expect(all).toHaveLength(11);
  expect(all[0]).toBe('  line 1 bd-1: skipped: it was deleted: nothing comes in');
  expect(all[5]).toBe('  line 6 bd-6: without blocks bd-x6: bd-x6 is not here');
});

it('few lines are all named, and nothing acts on the terminal', () => {
  expect(lineTexts([1, 2, 3].map(deleted), false)).toEqual(
    [1, 2, 3].map((line) => `  line ${line} bd-${line}: skipped: it was deleted: nothing comes in`),
  );
  const hostile = [1, 2, 3, 4].map((line) => taken(line, { id: `a\u001b[2J\n${line}`, verdict: 'older', why: 'late\u202e' }));
  expect(lineTexts(hostile, false).join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});
