import { expect, test } from 'vitest';
import { ImportAnswer, LIMITS, Verdict } from '@gastown/protocol';
import { VERDICTS, linesOf, size, summary, taken, troubleWith } from './importing.ts';

const none = {
  foreign: 0,
  withoutPriority: 0,
  lines: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  older: 0,
  skipped: 0,
  bad: 0,
  edges: 0,
  untakenEdges: 0,
  staged: 0,
};
const answer = (counts: Partial<typeof none>, change: object = {}) =>
  ImportAnswer.parse({
    importId: null,
    rigId: 'rig-1a2b3c4d',
    dryRun: true,
    counts: { ...none, ...counts },
    lines: [],
    more: 0,
    ...change,
  });
const line = (number: number, verdict: Verdict) => ({ line: number, id: null, verdict, field: null, why: null, untaken: [] });

test('every verdict has a word, and what is bad comes first', () => {
  expect(VERDICTS.map(({ verdict }) => verdict).toSorted()).toEqual([...Verdict.options].toSorted());
  expect(VERDICTS[0]!.verdict).toBe('bad');
});

test('a dry run speaks of what would be, an import of what was', () => {
  const counts = { lines: 5, created: 3, updated: 1, staged: 2 };
  expect(summary(answer(counts))).toBe(
    'This would bring 3 new beads and 1 change to beads that are here. 2 of them would wait until you start them.',
  );
  expect(summary(answer(counts, { dryRun: false }))).toMatch(/^Imported: 3 new beads/);
  expect(summary(answer(counts), true)).not.toMatch(/wait/);
  const one = { ...counts, staged: 1 };
  expect(summary(answer(one))).toMatch(/ 1 of them would wait until you start it\.$/);
  expect(summary(answer(one, { dryRun: false }))).toMatch(/ 1 of them waits until you start it\.$/);
  expect(taken(answer(counts))).toBe(4);
  expect(summary(answer({ ...counts, foreign: 1, withoutPriority: 2 }))).toMatch(
    / 2 lines without a priority: critical, as bd import reads it; "priority":2 in the line makes it medium\. 1 bead at work, .* held until you start each by hand\.$/,
  );
  expect(summary(answer({ ...counts, foreign: 1 }, { dryRun: false }), true)).toMatch(/^Imported: .* 1 bead at work, /);
  expect(summary(answer(counts))).not.toMatch(/priority|by hand/);
});

test('nothing to import says why', () => {
  expect(summary(answer({ lines: 2, unchanged: 2 }))).toBe('Nothing to import: the town has all of it.');
  expect(summary(answer({ lines: 1, bad: 1 }))).toBe('Nothing to import: 1 line cannot be taken.');
});

test('the table tells how many lines of a verdict are not listed', () => {
  const all = answer(
    { lines: 2_002, created: 2_000, bad: 2 },
    { lines: [line(1, 'bad'), line(2, 'bad'), line(3, 'created')], more: 1_999 },
  );
  expect(linesOf(all, 'bad')).toMatchObject({ left: 0 });
  expect(linesOf(all, 'created').left).toBe(1_999);
  expect(linesOf(all, null).left).toBe(1_999);
});

test('a file that is too large or empty is told before it travels', () => {
  expect(troubleWith({ size: 12 })).toBeNull();
  expect(troubleWith({ size: 0 })).toMatch(/empty/);
  expect(troubleWith({ size: LIMITS.importBytes.value + 1 })).toMatch(/12\.0 MB/);
});

test('sizes are told in the unit that people read', () => {
  expect([12, 2_048, 20_480, 5_242_880].map(size)).toEqual(['12 bytes', '2.0 KB', '20 KB', '5.0 MB']);
});
