import { LIMITS, type BadLine, type RigId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { checkInvariants } from '../invariants.ts';
import { story, type Story } from '../testing.ts';
import { bring, HEADER, line, quiet, rowOf } from '../testing/bring.ts';

/** Lines that cannot be taken stay with their import until somebody lets them go (issue, Build 6). After every step the auditor looks at everything. */
const kept = (one: Story, rig?: RigId): BadLine[] => one.town.town.badLines({ rig, after: 0, limit: 100 }).lines;
const shown = (one: Story) => kept(one).map(({ line: n, id, field }) => `${n} ${id ?? '-'} ${field}`);
const told = (one: Story) => one.town.rows().events.filter(({ type }) => type.startsWith('lines_'));
const quarantine = ({ counts: { quarantined, knownBad, unkeptBad, mended } }: ReturnType<typeof bring>) => [
  quarantined,
  knownBad,
  unkeptBad,
  mended,
];
const FILE = [line({ id: 'a', title: 'A' }), '{ no JSON', line({ id: 'b' })];

describe('the quarantine of imports', () => {
  test('a bad line is kept with its import: where it stood, what it says, and what is wrong; a dry run keeps nothing', () => {
    const one = quiet();
    expect(quarantine(bring(one, FILE, { dryRun: true }))).toEqual([2, 0, 0, 0]);
    expect(kept(one)).toEqual([]);
    const { importId, counts } = bring(one, FILE);
    expect(counts).toMatchObject({ created: 1, bad: 2, quarantined: 2 });
    expect(kept(one)).toEqual([
      expect.objectContaining({ importId, rigId: one.rigId, line: 2, id: null, field: 'line', text: '{ no JSON', cut: false }),
      expect.objectContaining({
        importId,
        line: 3,
        id: 'b',
        field: 'title',
        why: expect.stringContaining('is missing'),
        text: '{"id":"b"}',
      }),
    ]);
    expect(told(one)).toEqual([
      expect.objectContaining({ type: 'lines_quarantined', actor: 'Ada', data: expect.objectContaining({ importId, lines: 2 }) }),
    ]);
  });

  test('the same import again keeps nothing twice and writes no row, also of a file of which nothing can be taken', () => {
    const one = quiet();
    for (const file of [FILE, [line({ id: 'c' }), 'nor this']]) {
      expect(bring(one, file).importId).not.toBeNull();
      const before = kept(one);
      const cost = one.town.sql.measure(() => expect(bring(one, file)).toMatchObject({ importId: null, counts: { knownBad: 2 } }));
      expect(cost.rowsWritten).toBe(0);
      expect(kept(one)).toEqual(before);
    }
    expect(kept(one)).toHaveLength(4);
  });

  test('of a file in which not one line is a bead nothing is kept, and the answer says that it is none; one that is meant to be is enough', () => {
    const one = quiet();
    const others = [
      ['{', '  "name": "shop",', '  "version": 1', '}'],
      [line({ level: 'info', at: 1 }), line({ level: 'warn' })],
      ['[]', '7', line({ id: 'no/bead' }), 'title: x'],
    ];
    for (const file of others) {
      const { importId, noBeads, counts } = bring(one, file);
      expect([importId, noBeads, counts.lines, counts.bad, counts.quarantined, counts.unkeptBad]).toEqual([
        null,
        true,
        file.length,
        file.length,
        0,
        0,
      ]);
    }
    expect([kept(one), told(one)]).toEqual([[], []]);
    const meant = [line({ id: 'a' }), line({ title: 7 }), HEADER, line({ id: 'a', title: 'A' })];
    for (const [n, said] of meant.entries()) expect([n, bring(one, [`junk ${n}`, said]).noBeads]).toEqual([n, undefined]);
    expect(kept(one).filter(({ text }) => text.startsWith('junk'))).toHaveLength(meant.length);
    expect(bring(one, ['']).noBeads).toBeUndefined();
  });

  test('a bead that comes mended leaves it; one that comes otherwise wrong is in it once, as it came last', () => {
    const one = quiet();
    bring(one, FILE);
    expect(quarantine(bring(one, [line({ id: 'b', title: 7 })]))).toEqual([1, 0, 0, 0]);
    expect(kept(one).map(({ line: n, text }) => [n, text])).toEqual([
      [2, '{ no JSON'],
      [1, '{"id":"b","title":7}'],
    ]);
    expect(quarantine(bring(one, [line({ id: 'b', title: 'B' })]))).toEqual([0, 0, 0, 1]);
    expect(shown(one)).toEqual(['2 - line']);
    expect(told(one).map(({ type }) => type)).toEqual(['lines_quarantined', 'lines_quarantined', 'lines_mended']);
    expect(rowOf(one, 'b')?.title).toBe('B');
  });

  test('of a bead that one file says twice the later line decides', () => {
    const one = quiet();
    bring(one, [line({ id: 'a' }), line({ id: 'a', title: 'A' }), line({ id: 'b', title: 'B' }), line({ id: 'b', title: 7 })]);
    expect(shown(one)).toEqual(['4 b title']);
    expect([rowOf(one, 'a')?.title, rowOf(one, 'b')?.title]).toEqual(['A', 'B']);
  });

  test('a line that is older than the town mends nothing: nothing of it was taken', () => {
    const one = quiet();
    const at = (day: number) => ({ updated_at: `2099-01-0${day}T00:00:00Z` });
    bring(one, [line({ id: 'a', title: 'A', ...at(3) })]);
    bring(one, [line({ id: 'a', title: 7, ...at(4) })]);
    const older = bring(one, [line({ id: 'a', title: 'Old', ...at(1) })]);
    expect([older.counts.older, quarantine(older)]).toEqual([1, [0, 0, 0, 0]]);
    expect(shown(one)).toEqual(['1 a title']);
    bring(one, [line({ id: 'a', title: 8, ...at(4) }), line({ id: 'a', title: 'Old', ...at(1) })]);
    expect(kept(one).map(({ text }) => text)).toEqual([line({ id: 'a', title: 8, ...at(4) })]);
  });

  test('a file that came into the wrong repository is told, and not kept: there is nothing in it to mend', () => {
    const one = quiet();
    const other = one.addRig('other');
    const file = [line({ id: 'a', title: 'A' }), line({ id: 'b', title: 'B' }), 'no bead'];
    bring(one, file);
    const wrong = bring(one, file, { rigId: other });
    expect([wrong.counts.bad, quarantine(wrong)]).toEqual([3, [1, 0, 0, 0]]);
    expect(kept(one, other).map(({ text }) => text)).toEqual(['no bead']);
    expect(quarantine(bring(one, file.slice(0, 2), { rigId: other }))).toEqual([0, 0, 0, 0]);
  });

  test('what came broken into the wrong repository leaves when its bead comes mended into the right one', () => {
    const one = quiet();
    const other = one.addRig('other');
    bring(one, [line({ id: 'b' })], { rigId: other });
    bring(one, [line({ id: 'b' })]);
    expect(kept(one)).toHaveLength(2);
    expect(quarantine(bring(one, [line({ id: 'b', title: 'B' })]))).toEqual([0, 0, 0, 2]);
    expect(kept(one)).toEqual([]);
  });

  test('a repository that is removed takes its lines along, and the ledger says so', () => {
    const one = quiet();
    const other = one.addRig('other');
    bring(one, ['x', 'y', HEADER], { rigId: other });
    bring(one, ['z', HEADER]);
    one.town.must({ kind: 'rig.remove', rigId: other, force: false });
    expect(kept(one).map(({ text }) => text)).toEqual(['z']);
    expect(told(one).at(-1)).toMatchObject({ type: 'lines_discarded', actor: 'Ada', data: { rigId: other, lines: 2 } });
    one.town.must({ kind: 'rig.remove', rigId: one.rigId, force: true });
    expect(kept(one)).toEqual([]);
  });

  test('lines without an id that a bead may have are each by themselves, however alike the ids are', () => {
    const one = quiet();
    const long = 'x'.repeat(100);
    const ids = ['', '', ' ', 'x/1', 'x/1 ', `${long}a`, `${long}b`, '-'];
    const file = ids.map((id, n) => line({ id, title: `T${n}` }));
    expect(quarantine(bring(one, file))).toEqual([ids.length, 0, 0, 0]);
    expect(kept(one).map(({ text }) => text)).toEqual(file);
    expect(quarantine(bring(one, file))).toEqual([0, ids.length, 0, 0]);
  });

  test('a person lets go of lines, of an import, or of a rig; what is not there is refused, and the file brings back what is still wrong', () => {
    const one = quiet();
    const first = bring(one, [...FILE, 'x']).importId!;
    const other = one.addRig('other');
    bring(one, ['y', HEADER], { rigId: other });
    one.town.must({ kind: 'import.discard', importId: first, lines: [2, 4] });
    expect(shown(one)).toEqual(['3 b title', '1 - line']);
    expect(one.town.person({ kind: 'import.discard', importId: first, lines: [3, 2] })).toMatchObject({
      failure: { code: 'unknown_quarantined' },
    });
    expect(one.town.person({ kind: 'import.discard', importId: 'im-00000000' })).toMatchObject({ failure: { code: 'unknown_import' } });
    expect(one.town.person({ kind: 'import.discard', rigId: 'rig-00000000' as RigId })).toMatchObject({ failure: { code: 'unknown_rig' } });
    for (const wrong of [{}, { importId: first, rigId: other }, { rigId: other, lines: [1] }])
      expect(one.town.person({ kind: 'import.discard', ...wrong })).toMatchObject({ failure: { code: 'invalid_input' } });
    expect(shown(one)).toHaveLength(2);
    one.town.must({ kind: 'import.discard', rigId: other });
    expect(one.town.must({ kind: 'import.discard', importId: first })).toEqual({ discarded: 1 });
    expect(kept(one)).toEqual([]);
    expect(told(one).filter(({ type }) => type === 'lines_discarded')).toHaveLength(3);
    expect(quarantine(bring(one, [...FILE, 'x']))).toEqual([3, 0, 0, 0]);
  });

  test('it has an end: lines for which there is no place are told and not kept, and those that leave make place (I8)', () => {
    const one = quiet();
    const most = LIMITS.badLines.value;
    const file = Array.from({ length: most + 10 }, (_, n) => `no bead ${n}`);
    const answer = bring(one, [line({ id: 'a' }), ...file]);
    expect(quarantine(answer)).toEqual([most, 0, 11, 0]);
    expect(told(one)[0]?.data).toMatchObject({ lines: most, left: 11 });
    expect(one.town.town.badLines({ after: 0, limit: 1 }).total).toBe(most);
    expect(quarantine(bring(one, [line({ id: 'a' }), ...file], { dryRun: true }))).toEqual([0, most, 11, 0]);
    expect(quarantine(bring(one, [line({ id: 'a', title: 'A' }), 'one more']))).toEqual([1, 0, 0, 1]);
    expect(one.town.town.badLines({ after: 0, limit: 1 }).total).toBe(most);
  });

  test('of a long line its beginning is kept, and no credentials (I16, DM-17)', () => {
    const one = quiet();
    const most = LIMITS.badLineCharacters.value;
    bring(one, [`token=ghp_0123456789abcdefghij ${'x'.repeat(most)}`, `\u0000\u001b[2Jx${'😀'.repeat(most)}`, HEADER]);
    const [secret, strange] = kept(one);
    expect(secret).toMatchObject({ cut: true, text: expect.stringMatching(/^token=\*\*\*\* x+$/) });
    expect(secret!.text.length).toBeLessThanOrEqual(most);
    expect([...strange!.text].filter((sign) => sign < ' ')).toEqual([]);
    expect(strange!.text.isWellFormed()).toBe(true);
  });

  test('it is read page by page, of one rig or of all, in the order in which it came', () => {
    const one = quiet();
    bring(one, ['1', '2', '3', HEADER]);
    const other = one.addRig('other');
    bring(one, ['4', HEADER], { rigId: other });
    const read = (after: number, rig?: RigId) => one.town.town.badLines({ rig, after, limit: 2 });
    const first = read(0);
    expect([first.lines.map(({ text }) => text), first.total]).toEqual([['1', '2'], 4]);
    const second = read(first.next!);
    expect([second.lines.map(({ text }) => text), second.next]).toEqual([['3', '4'], null]);
    expect(read(0, other)).toMatchObject({ lines: [{ text: '4' }], total: 1, next: null });
  });
});

test('I8 sees a quarantine of imports that grew too large, keeps too much of a line, or has one of no import', () => {
  const lies = (...damage: string[]) => {
    const one = story({}, { check: false });
    bring(one, ['no bead', HEADER]);
    for (const statement of damage) one.town.sql.run(statement);
    return checkInvariants(one.town.sql, one.town.now).map(({ invariant }) => invariant);
  };
  const more = (rows: number) =>
    `INSERT INTO bad_lines (rig_id, print, import_id, line, field, why, mark, text, cut, at)
     SELECT rig_id, 'text ' || value, import_id, value + 1, field, why, mark, text, cut, at FROM bad_lines, json_each('[${Array.from({ length: rows }, (_, n) => n + 1).join()}]')`;
  expect(lies()).toEqual([]);
  expect(lies(more(LIMITS.badLines.value - 1))).toEqual([]);
  expect(lies(more(LIMITS.badLines.value))).toEqual(['I8']);
  expect(lies(`UPDATE bad_lines SET text = '${'x'.repeat(LIMITS.badLineCharacters.value + 1)}'`)).toEqual(['I8']);
  expect(lies(`UPDATE bad_lines SET import_id = 'im-00000000'`)).toEqual(['I8']);
  expect(lies(`UPDATE rigs SET state = 'removed'`)).toContain('I8');
});
