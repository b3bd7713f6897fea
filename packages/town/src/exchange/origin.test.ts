import { LIMITS, type Origin } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import type { Story } from '../testing/ready.ts';
import { blocks, bring, exported, line, quiet, rowOf } from '../testing/bring.ts';

const origin = (one: Story, id: string): Origin | null => one.town.town.bead(id)!.origin;
const comment = (author: string, text: string, more: object = {}) => ({ id: 1, issue_id: 'a', author, text, ...more });

describe('what the file that a bead came in says of it (issue, Build 6)', () => {
  test('comments, the assignee and the reason why it was closed are told with it, and come out again as they came', () => {
    const one = quiet();
    const said = line({
      id: 'a',
      title: 'A',
      status: 'closed',
      close_reason: 'done in 4f3',
      assignee: 'beads/crew/wolf',
      created_by: 'ada',
      created_at: '2026-01-01T00:00:00Z',
      comments: [
        comment('giles', '- **one**\n- two', { created_at: '2026-01-12T02:16:51Z' }),
        comment('', 'later'),
        'no comment',
        comment('x', ' '),
      ],
    });
    const { importId } = bring(one, [said]);
    expect(origin(one, 'a')).toEqual({
      came: { by: 'Ada', at: one.town.now, importId },
      importId,
      at: one.town.now,
      createdBy: 'ada',
      createdAt: Date.UTC(2026, 0, 1),
      assignee: 'beads/crew/wolf',
      closeReason: 'done in 4f3',
      comments: [
        { author: 'giles', at: Date.UTC(2026, 0, 12, 2, 16, 51), text: '- **one**\n- two', cut: false },
        { author: null, at: null, text: 'later', cut: false },
      ],
      earlierComments: 0,
      untaken: [],
      moreUntaken: 0,
    });
    expect(exported(one)).toEqual([said]);
  });

  test('a bead that was made here has no origin; one that a file told of later was not brought', () => {
    const one = quiet();
    const id = one.wish('made here');
    expect(origin(one, id)).toBeNull();
    one.town.now += 1_000;
    const said = JSON.parse(exported(one)[0]!) as object;
    const { importId } = bring(one, [line({ ...said, title: 'told anew', updated_at: '2040-01-01T00:00:00Z', assignee: 'bo' })]);
    expect(origin(one, id)).toMatchObject({ came: null, importId, assignee: 'bo' });
  });

  test('who brings a bead has not made it: without created_by nobody is said to have, and the ledger names the import', () => {
    const one = quiet();
    const first = bring(one, [line({ id: 'a', title: 'A', updated_at: '2026-01-01T00:00:00Z' })]);
    expect(rowOf(one, 'a')?.createdBy).toBe('');
    expect(origin(one, 'a')).toMatchObject({ createdBy: null, createdAt: null, came: { by: 'Ada', importId: first.importId } });
    const at = one.town.now;
    one.town.now += 1_000;
    const next = bring(one, [line({ id: 'a', title: 'A2', status: 'closed', updated_at: '2026-01-02T00:00:00Z' })]);
    expect(origin(one, 'a')).toMatchObject({ importId: next.importId, at: one.town.now, came: { at, importId: first.importId } });
    const told = one.town.town
      .beadEvents('a', { limit: 9 })!
      .events.map(({ type, data }) => [type, data['importId']])
      .filter(([type]) => type !== 'started');
    expect(told.toReversed()).toEqual([
      ['created', first.importId],
      ['closed', next.importId],
      ['edited', next.importId],
    ]);
  });

  test('dependencies of the line that the bead does not have say why, as things are now', () => {
    const one = quiet();
    bring(one, [line({ id: 'a', title: 'A', dependencies: [blocks('a', 'zz-404'), blocks('a', 'late'), blocks('a', 'hand'), 7] })]);
    bring(one, [line({ id: 'late', title: 'L' }), line({ id: 'hand', title: 'H' })]);
    one.town.must({ kind: 'bead.add_dependency', beadId: 'a' as never, dependsOn: 'hand' as never });
    expect(origin(one, 'a')!.untaken).toEqual([
      { dependsOn: 'zz-404', type: 'blocks', why: 'zz-404 is not here' },
      { dependsOn: 'late', type: 'blocks', why: 'late is here by now: import the file once more to take it, or add it by hand' },
      { dependsOn: '', type: '', why: 'it is no object with depends_on_id' },
    ]);
    bring(one, [line({ id: 'b', title: 'B', dependencies: [blocks('b', 'w')] }), line({ id: 'w', title: 'W', ephemeral: true })]);
    expect(origin(one, 'b')!.untaken).toMatchObject([{ why: expect.stringContaining('one of the two is short-lived') as string }]);
    const many = Array.from({ length: 23 }, (_, at) => blocks('c', `gone-${at}`));
    bring(one, [line({ id: 'c', title: 'C', dependencies: many })]);
    expect(origin(one, 'c')).toMatchObject({ untaken: { length: 20 }, moreUntaken: 3 });
  });

  test('what people wrote is bounded and shows no credential, also not half of one (I16, DM-17)', () => {
    const one = quiet();
    const [most, long] = [LIMITS.originComments.value, LIMITS.originCharacters.value];
    const key = `ghp_${'a'.repeat(36)}`;
    const comments = Array.from({ length: most + 2 }, (_, at) => comment(key, `${at} ${key} \u001b[2J\u202e`));
    comments.push(comment('y', `${'x'.repeat(long - 20)} ${key} and more`));
    bring(one, [
      line({
        id: 'a',
        title: 'A',
        comments,
        assignee: `token=${key}`,
        close_reason: key,
        created_by: key,
        dependencies: [blocks('a', key)],
      }),
    ]);
    const told = origin(one, 'a')!;
    expect(told).toMatchObject({ comments: { length: most }, earlierComments: 3, closeReason: '****' });
    expect(told.comments[0]!.text).toMatch(/^3 \*{4}/);
    expect(told.comments.at(-1)).toMatchObject({ cut: false });
    expect(JSON.stringify(told)).not.toMatch(/ghp_|\\u001b|\u202e/);
    bring(one, [line({ id: 'b', title: 'B', comments: [comment('z', 'x'.repeat(long + 1))] })]);
    expect(origin(one, 'b')!.comments).toEqual([{ author: 'z', at: null, text: 'x'.repeat(long), cut: true }]);
  });

  test.each([{ comments: 7 }, { comments: {} }, { comments: [null, 1, [], { text: 1 }] }, { assignee: {}, close_reason: [] }])(
    'what is written as nobody expects is not told and breaks nothing: %j',
    (fields) => {
      const one = quiet();
      bring(one, [line({ id: 'a', title: 'A', ...fields })]);
      expect(origin(one, 'a')).toMatchObject({ comments: [], assignee: null, closeReason: null });
    },
  );
});
