import { expect, test } from 'vitest';
import { failure, ImportAnswer, LIMITS, Verdict, type LineFilter, type LinesWanted } from '@gastown/protocol';
import { VERDICTS, goOn, importWord, linesOf, listingOf, size, summary, taken, troubleWith, type Listing } from './importing.ts';

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
  untakenLines: 0,
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
const untaken = (number: number, edges = 1) => ({
  ...line(number, 'created'),
  untaken: Array.from({ length: edges }, (_, at) => ({ dependsOn: `bd-${at}`, type: 'blocks', why: 'There is no such bead.' })),
});

test('every verdict has a word, and what is bad comes first', () => {
  expect(VERDICTS.map(({ verdict }) => verdict).toSorted()).toEqual([...Verdict.options].toSorted());
  expect(VERDICTS[0]!.verdict).toBe('bad');
});

test('a file with nothing in it is not one that the town has all of', () => {
  expect(summary(answer({}))).toBe('There is nothing in this file.');
  expect(summary(answer({ lines: 2, skipped: 2 }))).toBe('Nothing to import: no line of this file is a bead.');
  expect(summary(answer({ lines: 2, skipped: 1, unchanged: 1 }))).toBe('Nothing to import: the town has all of it.');
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

test('an import that starts says how many come and how many of them start (I9; issue, Build 6)', () => {
  const counts = { lines: 2_731, created: 2_731, staged: 330 };
  expect(summary(answer(counts), true)).toBe(
    'This would bring 2,731 new beads. 330 of them start at once, or as soon as nothing else holds them.',
  );
  expect(summary(answer({ ...counts, staged: 1 }), true)).toMatch(/ 1 of them starts at once, or as soon as nothing else holds it\.$/);
  expect(summary(answer({ ...counts, staged: 0 }), true)).toMatch(/ None of them is work that could start\.$/);
  expect(importWord(answer(counts), true)).toBe('Import 2,731 beads and start 330');
  expect(importWord(answer(counts), false)).toBe('Import 2,731 beads');
  expect(importWord(answer({ ...counts, staged: 0 }), true)).toBe('Import 2,731 beads');
  expect(importWord(answer({ lines: 1, created: 1, staged: 1 }), true)).toBe('Import 1 bead and start 1');
});

test('nothing to import says why', () => {
  expect(summary(answer({ lines: 2, unchanged: 2 }))).toBe('Nothing to import: the town has all of it.');
  expect(summary(answer({ lines: 1, bad: 1 }))).toBe('Nothing to import: 1 line cannot be taken.');
});

test('a file of which no line is a bead is told as that, looked at or imported, and what a file of beads looks like (I10; issue, Build 6)', () => {
  const other = { lines: 4, bad: 4 };
  for (const dryRun of [true, false]) {
    const said = summary(answer(other, { dryRun, noBeads: true }));
    expect(said).toMatch(/^Nothing in this file is a bead; nothing was kept of it\. .*one bead a line.*"title":/);
    expect(summary(answer(other, { dryRun }))).not.toBe(said);
  }
});

const many = answer(
  { lines: 2_002, created: 2_000, bad: 2, untakenEdges: 4, untakenLines: 3 },
  { lines: [line(1, 'bad'), line(2, 'bad'), line(3, 'created'), untaken(4)], more: 1_998 },
);
test('the table tells how many lines of a kind are not listed', () => {
  const left = (only: LineFilter | null) => linesOf(many, listingOf(many), only).left;
  expect([left('bad'), left('created'), left('untaken'), left(null)]).toEqual([0, 1_998, 2, 1_998]);
});

test('lines with dependencies that were not taken are listed by themselves, whatever their verdict (DM-17)', () => {
  expect(linesOf(many, listingOf(many), 'untaken').lines.map((one) => one.line)).toEqual([4]);
});

test('what is not listed is asked for page by page, past pages that are here already, until nothing comes after', async () => {
  const asked: LinesWanted[] = [];
  const pages = [
    { lines: [line(3, 'created'), untaken(4)], more: 2 },
    { lines: [untaken(900, 2)], more: 1 },
    { lines: [untaken(1_400)], more: 0 },
  ];
  const ask = (wanted: LinesWanted) => {
    asked.push(wanted);
    return Promise.resolve({ ok: true as const, value: answer({}, pages[asked.length - 1]) });
  };
  const more = async (listing: Listing): Promise<Listing> => {
    const got = await goOn(listing, 'untaken', ask);
    if (!got.ok) throw new Error('refused');
    return got.value;
  };
  const once = await more(listingOf(many));
  expect(asked).toEqual([
    { after: 0, only: 'untaken' },
    { after: 4, only: 'untaken' },
  ]);
  expect(linesOf(many, once, 'untaken')).toMatchObject({ lines: [{ line: 4 }, { line: 900 }], left: 1 });
  const twice = await more(once);
  expect(asked.at(-1)).toEqual({ after: 900, only: 'untaken' });
  expect(linesOf(many, twice, 'untaken')).toMatchObject({ lines: [{ line: 4 }, { line: 900 }, { line: 1_400 }], left: 0 });
  expect(linesOf(many, twice, null).left).toBe(1_996);
});

test('a page that is refused leaves what is listed as it was', async () => {
  const refused = { ok: false as const, failure: failure('overloaded'), next: '', status: 503, unanswered: true };
  expect(await goOn(listingOf(many), null, () => Promise.resolve(refused))).toBe(refused);
});

test('a file that is too large or empty is told before it travels', () => {
  expect(troubleWith({ size: 12 })).toBeNull();
  expect(troubleWith({ size: 0 })).toMatch(/empty/);
  expect(troubleWith({ size: LIMITS.importBytes.value + 1 })).toMatch(/12\.0 MB/);
});

test('sizes are told in the unit that people read', () => {
  expect([12, 2_048, 20_480, 5_242_880].map(size)).toEqual(['12 bytes', '2.0 KB', '20 KB', '5.0 MB']);
});
