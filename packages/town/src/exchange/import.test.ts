import { LIMITS, type ImportAnswer, type LineFilter } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { PERSON } from '../testing/town.ts';
import { blocks, bring, line, quiet, rowOf, verdicts, whyOf } from '../testing/bring.ts';

/** The verdict of a line (issue, Build 6; SEMANTICS of beads, §1). After every step the auditor looks at everything. */
describe('the verdict of a line', () => {
  test('a dry run says the same as the import and writes nothing', () => {
    const one = quiet();
    const file = [
      line({ _schema: 1 }),
      line({ id: 'a', title: 'A' }),
      '',
      '{',
      line({ id: 'b', title: 'B', dependencies: [blocks('b', 'a')] }),
    ];
    let dry: ImportAnswer | null = null;
    const cost = one.town.sql.measure(() => (dry = bring(one, file, { dryRun: true })));
    expect(cost.rowsWritten).toBe(0);
    const real = bring(one, file);
    expect({ ...real, importId: null, dryRun: true }).toEqual(dry);
    expect(verdicts(real)).toEqual(['1 skipped', '2 created', '4 bad', '5 created']);
    expect(real.counts).toMatchObject({ lines: 4, created: 2, skipped: 1, bad: 1, edges: 1, staged: 2 });
  });

  test('the same file again is unchanged in every line and writes no row', () => {
    const one = quiet();
    const file = [
      line({ title: 'no id' }),
      line({ id: 'a', title: 'A' }),
      line({ id: 'b', title: 'B', dependencies: [blocks('b', 'a'), blocks('b', 'gone')] }),
    ];
    bring(one, file);
    const cost = one.town.sql.measure(() =>
      expect(bring(one, file)).toMatchObject({ importId: null, counts: { unchanged: 3, created: 0 } }),
    );
    expect(cost.rowsWritten).toBe(0);
  });

  test('headers, notes and what was deleted are skipped; of one id said twice the later line wins', () => {
    const one = quiet();
    const answer = bring(one, [
      line({ _type: 'memory', text: 'x' }),
      line({ id: 'a', title: 'first' }),
      line({ id: 't', title: 'T', status: 'tombstone' }),
      line({ _type: 'issue', id: 'a', title: 'second' }),
    ]);
    expect(verdicts(answer)).toEqual(['1 skipped', '2 skipped', '3 skipped', '4 created']);
    expect(whyOf(answer, 2)).toContain('line 4');
    expect(rowOf(one, 'a')?.title).toBe('second');
  });

  test('a file with more lines than are read is refused whole, the dry run too; blank ones at its end are none', () => {
    const one = quiet();
    const most = LIMITS.importLines.value;
    const of = (text: string, dryRun = false) => one.town.person({ kind: 'beads.import', rigId: one.rigId, text, dryRun });
    const rest = '\n'.repeat(most - 1);
    const long = `${line({ id: 'a', title: 'A' })}${rest}\n${line({ id: 'b', title: 'B' })}`;
    for (const dryRun of [true, false])
      expect(of(long, dryRun)).toMatchObject({
        ok: false,
        failure: {
          code: 'too_large',
          message: expect.stringContaining(`more than ${most} lines`),
          next: expect.stringContaining('Split it'),
        },
      });
    expect(one.town.rows().beads).toEqual([]);
    expect(of(`${line({ id: 'a', title: 'A' })}${rest}\n \r\n`)).toMatchObject({ ok: true, value: { counts: { created: 1 } } });
    const last = `${rest}${line({ id: 'c', title: 'C' })}`;
    expect(of(last)).toMatchObject({ ok: true, value: { counts: { created: 1 } } });
  });

  test('a bad line names its field and stops no other', () => {
    const one = quiet();
    const long = 'x'.repeat(LIMITS.importTitleCharacters.value + 1);
    const wrong: [string, string][] = [
      [line({ id: 'a' }), 'title'],
      [line({ id: 'a', title: ' \n ' }), 'title'],
      [line({ id: 'a', title: long }), 'title'],
      [line({ id: 'a b', title: 'A' }), 'id'],
      [line({ id: '../../x', title: 'A' }), 'id'],
      [line({ id: 7, title: 'A' }), 'id'],
      [line({ id: 'a', title: 'A', priority: 5 }), 'priority'],
      [line({ id: 'a', title: 'A', priority: '1' }), 'priority'],
      [line({ id: 'a', title: 'A', status: ['open'] }), 'status'],
      [line({ id: 'a', title: 'A', created_at: 'yesterday' }), 'created_at'],
      [line({ id: 'a', title: 'A', updated_at: '2026-02-30T00:00:00Z' }), 'updated_at'],
      [line({ id: 'a', title: 'A', labels: 'one' }), 'labels'],
      [line({ id: 'a', title: 'A', dependencies: { a: 1 } }), 'dependencies'],
      [line({ id: 'a', title: 'A', description: 'x'.repeat(LIMITS.bodyCharacters.value + 1) }), 'description'],
      ['[1,2]', 'line'],
      ['null', 'line'],
      ['"text"', 'line'],
      ['{"id":"a","title":"A"', 'line'],
      [`{"id":"a","title":"${'\u0000'}"}`, 'line'],
      [`{"id":"a","title":"A","notes":"${'x'.repeat(2_000_000)}"}`, 'line'],
    ];
    const answer = bring(one, [...wrong.map(([text]) => text), line({ id: 'good', title: 'G' })]);
    expect(answer.lines.map(({ field }) => field)).toEqual([...wrong.map(([, field]) => field), null]);
    for (const { why } of answer.lines) expect(why ?? '').not.toMatch(/[Ii]nvalid|received|Too |expected/);
    expect(answer.counts).toMatchObject({ bad: wrong.length, created: 1 });
  });

  test('what is wrong is said in plain words: what was expected, what stands there, what to do', () => {
    const said = (fields: object): string | null => whyOf(bring(quiet(), [line({ id: 'a', title: 'A', ...fields })]), 1);
    expect(said({ title: undefined })).toBe('is missing: every bead needs one; write one.');
    expect(said({ title: 7 })).toBe('must be a text, and is 7: correct it.');
    expect(said({ priority: '1' })).toBe(
      'must be a whole number from 0 (critical) to 4, and is "1": correct it; a line without a priority is critical (0).',
    );
    expect(said({ labels: ['x', 7] })).toMatch(/^must be a list of at most .*, and its element 2 is 7: correct it/);
    expect(said({ status: ['open'] })).toMatch(/, and is a list of 1: correct it/);
    expect(said({ created_at: 'yesterday' })).toMatch(/^must be a time like .*, and is "yesterday": correct it/);
    expect(said({ created_by: 'x'.repeat(201) })).toMatch(/, and is a text of 201 characters: correct it/);
    expect(said({ pinned: {} })).toMatch(/^must be true or false, and is an object: correct it/);
  });

  test('a line that names no priority is critical, as bd import reads it; how many there are is counted, as is what is at work elsewhere', () => {
    const one = quiet();
    const file = [
      line({ id: 'a', title: 'A' }),
      line({ id: 'b', title: 'B', priority: null }),
      line({ id: 'c', title: 'C', priority: 0 }),
      line({ id: 'd', title: 'D', priority: 2, status: 'in_progress' }),
    ];
    const dry = bring(one, file, { dryRun: true });
    expect(dry.counts).toMatchObject({ withoutPriority: 2, foreign: 1, staged: 3 });
    bring(one, file);
    expect(['a', 'b', 'c', 'd'].map((id) => rowOf(one, id)?.priority)).toEqual(['critical', 'critical', 'critical', 'medium']);
  });

  test('an older line loses, a newer one wins, and one without a time loses only against what was changed here', () => {
    const one = quiet();
    const at = (updated_at: string, title: string) => line({ id: 'a', title, updated_at });
    bring(one, [at('2026-01-01T12:00:00.000001Z', 'first')]);
    expect(verdicts(bring(one, [at('2026-01-01T11:59:59Z', 'older')]))).toEqual(['1 older']);
    expect(verdicts(bring(one, [at('2026-01-01T12:00:00Z', 'older by a microsecond')]))).toEqual(['1 older']);
    expect(verdicts(bring(one, [at('2026-01-01T13:00:00+01:00', 'older, in another zone')]))).toEqual(['1 older']);
    expect(verdicts(bring(one, [line({ id: 'a', title: 'no time' })]))).toEqual(['1 updated']);
    one.town.must({ kind: 'bead.update', beadId: 'a' as never, title: 'by hand' });
    expect(verdicts(bring(one, [line({ id: 'a', title: 'no time again' })]))).toEqual(['1 older']);
    expect(rowOf(one, 'a')?.title).toBe('by hand');
    expect(verdicts(bring(one, [at('2099-01-01T00:00:00Z', 'newer')]))).toEqual(['1 updated']);
    expect(rowOf(one, 'a')?.title).toBe('newer');
  });

  test('an id that is something else here, or in another rig, is told', () => {
    const one = quiet();
    const agent = one.town.rows().agents[0]!.id;
    const other = one.addRig('other');
    bring(one, [line({ id: 'a', title: 'A' })]);
    const answer = bring(one, [line({ id: 'a', title: 'A' }), line({ id: agent, title: 'X' })], { rigId: other });
    expect(verdicts(answer)).toEqual(['1 bad', '2 bad']);
    expect(whyOf(answer, 1)).toBe('a is in the rig app already; import it there');
  });

  test('of a very large file the answer keeps the lines that say why, and counts the rest (stated limit)', () => {
    const one = quiet();
    const many = Array.from({ length: LIMITS.importVerdicts.value + 500 }, (_, n) => line({ id: `a-${n}`, title: `${n}` }));
    const answer = bring(one, [...many, '{']);
    expect(answer.lines).toHaveLength(LIMITS.importVerdicts.value);
    expect(answer.more).toBe(501);
    expect(answer.lines.at(-1)).toMatchObject({ line: many.length + 1, verdict: 'bad' });
  });

  test('what an answer leaves out is listed page by page in the order of the file, all of it or of one kind; nothing else is done or counted', () => {
    const one = quiet();
    const most = LIMITS.importVerdicts.value;
    const text = Array.from({ length: most + 500 }, (_, n) =>
      line({ id: `a-${n}`, title: `${n}`, dependencies: n % 700 === 1 ? [blocks(`a-${n}`, 'gone')] : [] }),
    );
    const page = (after: number, only?: LineFilter) => bring(one, [...text, '{'], { dryRun: true, lines: { after, only } });
    const numbers = (answer: ImportAnswer) => answer.lines.map((shown) => shown.line);
    expect(numbers(page(0))).toEqual(Array.from({ length: most }, (_, n) => n + 1));
    expect(page(0).more).toBe(501);
    const last = page(most);
    expect([last.lines.length, last.lines[0]?.line, last.more]).toEqual([501, most + 1, 0]);
    expect([numbers(page(0, 'untaken')), numbers(page(2, 'untaken')), numbers(page(0, 'bad'))]).toEqual([
      [2, 702, 1_402],
      [702, 1_402],
      [most + 501],
    ]);
    expect(last.counts).toEqual(bring(one, [...text, '{'], { dryRun: true }).counts);
    expect(last.counts).toMatchObject({ untakenEdges: 3, untakenLines: 3 });
    expect(rowOf(one, 'a-0')).toBeUndefined();
  });

  test('a page of lines with very many dependencies ends early, so that a row holds it, and the next goes on there (DM-17)', () => {
    const one = quiet();
    const text = Array.from({ length: 100 }, (_, n) =>
      line({ id: `a-${n}`, title: `${n}`, dependencies: Array.from({ length: 20 }, (_, at) => blocks(`a-${n}`, `gone-${at}`)) }),
    );
    const page = (after: number) => bring(one, text, { dryRun: true, lines: { after, only: 'untaken' } });
    expect([page(0).lines.length, page(0).more]).toEqual([75, 25]);
    expect([page(75).lines.length, page(75).lines[0]?.untaken.length, page(75).more]).toEqual([25, 20, 0]);
  });

  test('all lines are had in one answer, of what is done as of what would be; as many as one call carries, and what it leaves out goes on there', () => {
    const one = quiet();
    const most = LIMITS.importVerdicts.value;
    const edges = Array.from({ length: 50 }, (_, n) => blocks('a-0', `gone-${n}`));
    const text = [
      line({ id: 'a-0', title: '0', dependencies: edges }),
      ...Array.from({ length: most }, (_, n) => line({ id: `b-${n}`, title: `${n}` })),
      '{',
    ];
    const all = (dryRun: boolean, after = 0) => bring(one, text, { dryRun, lines: { after, all: true } });
    const dry = all(true);
    const real = all(false);
    expect(real.lines).toEqual(dry.lines);
    expect([real.lines.length, real.more, real.lines[0]?.untaken.length]).toEqual([most + 2, 0, 50]);
    expect(real.lines.map(({ verdict }) => verdict).filter((verdict) => verdict === 'created')).toHaveLength(most + 1);
    const wide = Array.from({ length: 34 }, (_, n) =>
      line({
        id: `c-${n}`,
        title: 'c',
        dependencies: Array.from({ length: 3_000 }, (_, at) => blocks(`c-${n}`, `gone-${at}-${'x'.repeat(80)}`)),
      }),
    );
    const first = bring(one, wide, { dryRun: true, lines: { after: 0, all: true } });
    expect(JSON.stringify(first.lines).length).toBeLessThan(LIMITS.importAnswerCharacters.value * 1.1);
    expect([first.lines.length > 0, first.more > 0, first.lines.length + first.more]).toEqual([true, true, 34]);
    const rest = bring(one, wide, { dryRun: true, lines: { after: first.lines.length, all: true } });
    expect(rest.lines[0]?.line).toBe(first.lines.length + 1);
  });

  test('what is kept under a key has no room for all lines (TL-3, DM-17)', () => {
    const one = quiet();
    const command = { kind: 'beads.import', rigId: one.rigId, text: '{', lines: { after: 0, all: true } } as const;
    expect(one.town.send({ kind: 'person', command, secret: null }, 'key-of-an-import', PERSON)).toMatchObject({
      failure: { code: 'invalid_input' },
    });
    expect(one.town.must({ ...command, lines: { after: 0 } })).toMatchObject({ counts: { bad: 1 } });
  });
});
