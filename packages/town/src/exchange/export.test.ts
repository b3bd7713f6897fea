import { describe, expect, test } from 'vitest';
import { LATEST } from '../calendar.ts';
import { story, type Story } from '../testing.ts';
import { bring, exported, line, quiet, rowOf, whyOf } from '../testing/bring.ts';

/** The export (issue, Build 6; SEMANTICS of beads, §1). After every step the auditor looks at everything. */
describe('the export', () => {
  test('a line that had no id comes out with the one it was given, as its last field and nothing else; both files are known again', () => {
    const one = quiet();
    const said = '{ "title" : "no id", "x":[1, 2] }';
    bring(one, [said]);
    const [out = ''] = exported(one);
    expect(out).toMatch(/^\{ "title" : "no id", "x":\[1, 2\] ?,"id":"gt-[0-9a-f]+" ?\}$/);
    for (const file of [said, out]) expect(bring(one, [file]).counts).toMatchObject({ unchanged: 1, created: 0 });
  });

  test('gives a bead that did not change byte for byte as it came, whatever it looks like', () => {
    const one = quiet();
    const file = [
      '{ "id" : "a",\t"title":"\\u0041","priority":2.0 , "estimated_minutes":1e2,"x":{"y":[1,{"z":"\\"}"}]},"metadata":"{}","big":12345678901234567890}',
      line({ id: 'b', title: 'closed', status: 'closed', closed_at: '2025-12-31T23:59:59.999999999+05:30' }),
      line({ id: 'c', title: ' spaces ', description: 'with \u001b[31mcolours\u001b[0m', notes: 'n', comments: [{ id: 1, text: 'hi' }] }),
    ];
    bring(one, file);
    one.town.must({ kind: 'bead.start', rigId: one.rigId });
    expect(exported(one)).toEqual(file);
  });

  test('gives a planned bead that is put off as it came, also when it was started by itself: its date is there (issue, Build 6)', () => {
    const one = quiet();
    const file = [line({ id: 'nc-10', title: 'later', status: 'open', defer_until: '2099-06-01T00:00:00Z' })];
    bring(one, file);
    one.town.must({ kind: 'bead.start', beadId: 'nc-10' as never });
    expect(exported(one)).toEqual(file);
  });

  test('has every bead that came in, archived ones too; what was deleted in its own tool before never came in, and what was deleted there later stays', () => {
    const one = quiet();
    const gone = (id: string) => line({ id, title: 'T', status: 'tombstone', updated_at: '2099-01-01T00:00:00Z' });
    const file = [line({ id: 'a', title: 'A' }), line({ id: 'b', title: 'B', status: 'closed', closed_at: '2025-12-31T23:59:59Z' })];
    expect(bring(one, [...file, gone('c')], { start: true }).counts).toMatchObject({ created: 2, skipped: 1 });
    one.town.must({ kind: 'bead.archive', beadIds: ['b' as never] });
    const later = bring(one, [gone('a')]);
    expect(whyOf(later, 1)).toBe(
      'it was deleted in its own tool (a tombstone): nothing comes in, and a bead of this id that is here stays',
    );
    expect(exported(one).map((text) => (JSON.parse(text) as { id: string }).id)).toEqual(['a', 'b']);
  });

  test('says of a changed bead anew exactly what changed', () => {
    const one = quiet();
    const tail = '"owner":"ada","x":[1, 2]}';
    bring(one, [`{"id":"a","title":"A","description":"d","notes":"n","status":"open",  ${tail}`]);
    one.town.must({ kind: 'bead.update', beadId: 'a' as never, title: 'B "q"', body: 'new\n\n## Notes\n\nn', labels: ['l'] });
    const now = new Date(one.town.now).toISOString();
    expect(exported(one)).toEqual([
      `{"id":"a","title":"B \\"q\\"","description":"new","notes":"n","status":"open",  "owner":"ada","x":[1, 2],"labels":["l"],"updated_at":"${now}"}`,
    ]);
    one.town.must({ kind: 'bead.update', beadId: 'a' as never, body: 'all new' });
    expect(JSON.parse(exported(one)[0]!)).toMatchObject({ description: 'all new' });
    expect(JSON.parse(exported(one)[0]!)).not.toHaveProperty('notes');
  });

  test('says a failed bead as open with a label and its reason, and takes it back as failed', () => {
    const one = quiet();
    bring(one, [line({ id: 'a', title: 'A', labels: ['x'], metadata: { k: 1 } })]);
    one.town.must({ kind: 'bead.set_status', beadId: 'a' as never, status: 'failed', reason: 'no use' });
    const own = one.wish('ours');
    one.town.must({ kind: 'bead.set_status', beadId: own, status: 'failed', reason: 'none' });
    const lines = exported(one);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      labels: ['x', 'gt:failed'],
      metadata: { k: 1, gastown: { failed: { message: 'no use' } } },
    });
    const two = quiet();
    bring(two, lines);
    expect(two.town.rows().beads.map(({ status, labels, failure: why }) => [status, labels, why?.message])).toEqual(
      expect.arrayContaining([
        ['failed', ['x'], 'no use'],
        ['failed', [], 'none'],
      ]),
    );
    expect(exported(two)).toEqual(lines);
    two.town.must({ kind: 'bead.retry', beadId: 'a' as never });
    expect(JSON.parse(exported(two)[0]!)).toMatchObject({ labels: ['x'], metadata: { k: 1 } });
    expect(exported(two)[0]).not.toContain('gastown');
  });

  test('a time after every calendar is refused, the last one of it goes out and comes back (issue, Build 6)', () => {
    const one = quiet();
    const far = { kind: 'bead.create', rigId: one.rigId, title: 'far', deferUntil: Number.MAX_SAFE_INTEGER } as const;
    expect(one.town.person(far)).toMatchObject({ ok: false, failure: { code: 'invalid_input', details: { field: 'deferUntil' } } });
    const late = one.wish('late');
    expect(one.town.person({ kind: 'bead.defer', beadId: late, until: LATEST + 1 })).toMatchObject({
      failure: { details: { field: 'until' } },
    });
    one.town.must({ kind: 'bead.defer', beadId: late, until: LATEST });
    const two = quiet();
    bring(two, exported(one));
    expect(rowOf(two, late)?.deferUntil).toBe(LATEST);
  });

  test('a row that was damaged stops no other: a bead without its line is said anew (DM-15)', () => {
    const one = quiet();
    bring(one, [line({ id: 'a', title: 'A' }), line({ id: 'b', title: 'B' }), line({ id: 'c', title: 'C' })]);
    one.town.sql.run(`UPDATE imported_lines SET line = 'junk' WHERE bead_id = 'a'`);
    one.town.sql.run(`UPDATE imported_lines SET untaken = '7' WHERE bead_id = 'b'`);
    one.town.sql.run(`UPDATE beads SET labels = '7' WHERE id = 'c'`);
    expect(exported(one).map((text) => (JSON.parse(text) as { id: string; title: string }).title)).toEqual(['A', 'B']);
  });

  test('says our own beads as lines that come back as the same beads; records of the town only with `all`', () => {
    const one = story();
    const first = one.wish('first', { body: 'text', priority: 'high' });
    one.wish('second', { dependsOn: [first] });
    one.runner.work();
    one.town.must({ kind: 'town.pause' });
    const third = one.wish('third');
    one.town.must({ kind: 'bead.defer', beadId: third, until: null });
    const pinned = one.wish('pinned');
    one.town.must({ kind: 'bead.pin', beadId: pinned });
    const lines = exported(one);
    expect(lines).toHaveLength(4);
    const two = quiet();
    expect(bring(two, lines, { start: true }).counts).toMatchObject({ created: 4, bad: 0, untakenEdges: 0 });
    const shown = (of: Story) =>
      of.town
        .rows()
        .beads.map(({ id, title, body, status, hold, priority, kind, createdAt, closedAt, dependsOn }) => ({
          id,
          title,
          body,
          status,
          hold,
          priority,
          kind,
          createdAt,
          closedAt,
          dependsOn,
        }))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect(shown(two)).toEqual(shown(one));
    expect(bring(one, lines)).toMatchObject({ importId: null, counts: { unchanged: 4 } });
    const all = exported(one, true).map((text) => JSON.parse(text) as { issue_type: string });
    expect(new Set(all.map(({ issue_type }) => issue_type))).toEqual(new Set(['task', 'agent', 'merge-request']));
  });
});
