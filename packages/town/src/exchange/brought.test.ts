import type { ConvoyId, RigId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { story } from '../testing.ts';
import { blocks, bring, line, quiet, rowOf } from '../testing/bring.ts';

/** What a line becomes, and when it starts (issue, Build 6; SEMANTICS of beads, §1). After every step the auditor looks at everything. */
describe('what a line becomes', () => {
  const STATES: [object, [string, string | null]][] = [
    [{}, ['open', 'staged']],
    [{ status: 'open' }, ['open', 'staged']],
    [{ status: 'in_progress' }, ['open', 'foreign']],
    [{ status: 'blocked' }, ['open', 'foreign']],
    [{ status: 'hooked' }, ['open', 'foreign']],
    [{ status: 'review' }, ['open', 'foreign']],
    [{ status: 'deferred' }, ['open', 'deferred']],
    [{ status: 'pinned' }, ['open', 'pinned']],
    [{ status: 'open', pinned: true }, ['open', 'foreign']],
    [{ status: 'closed', closed_at: '2026-01-01T00:00:00Z' }, ['closed', null]],
    [{ status: 'closed' }, ['closed', null]],
    [{ issue_type: 'message' }, ['open', 'not_work']],
    [{ issue_type: 'merge-request', status: 'in_progress' }, ['open', 'not_work']],
  ];
  test.each(STATES)('%j is %j', (fields, expected) => {
    const one = quiet();
    bring(one, [line({ id: 'a', title: 'A', ...fields })]);
    const row = rowOf(one, 'a')!;
    expect([row.status, row.hold]).toEqual(expected);
    expect(row.closedAt !== null).toBe(row.status === 'closed');
  });

  test('missing fields have their defaults; aliases, priorities 0 to 4, labels and times are taken', () => {
    const one = quiet();
    bring(one, [
      line({ id: 'a', title: 'A' }),
      line({
        id: 'b',
        title: ' B\n ',
        issue_type: 'feat',
        priority: 4,
        labels: ['x'],
        created_at: '2026-01-02T03:04:05.678901-08:00',
        created_by: 'ada',
      }),
    ]);
    expect(rowOf(one, 'a')).toMatchObject({ kind: 'task', priority: 'critical', labels: [], body: '', createdBy: '' });
    expect(rowOf(one, 'b')).toMatchObject({
      title: 'B',
      kind: 'feature',
      priority: 'low',
      labels: ['x'],
      createdBy: 'ada',
      createdAt: Date.UTC(2026, 0, 2, 11, 4, 5, 678),
    });
  });

  test('what an agent must know of design, acceptance and notes is in the text', () => {
    const one = quiet();
    bring(one, [line({ id: 'a', title: 'A', description: 'do it', design: 'so', acceptance_criteria: 'green', notes: '' })]);
    expect(rowOf(one, 'a')?.body).toBe('do it\n\n## Design\n\nso\n\n## Acceptance criteria\n\ngreen');
  });

  test('beads of one millisecond keep the order of their microseconds', () => {
    const one = quiet();
    const at = (id: string, micros: string) => line({ id, title: id, created_at: `2026-01-01T00:00:00.123${micros}Z` });
    bring(one, [at('a', '456'), at('b', '789'), at('c', '123')], { start: true });
    expect(one.town.town.ready('newest', 9).beads.map(({ id }) => id)).toEqual(['b', 'a', 'c']);
    expect(one.town.town.ready('oldest', 9).beads.map(({ id }) => id)).toEqual(['c', 'a', 'b']);
  });
});

describe('work that was brought', () => {
  test('never starts by itself; a bead, an import or a rig is started by a person', () => {
    const one = story();
    const first = bring(
      one,
      ['a', 'b', 'c', 'd'].map((id) => line({ id, title: id, ...(id === 'd' && { status: 'in_progress' }) })),
    );
    one.runner.work();
    expect(one.town.rows().runs).toEqual([]);
    expect(one.town.town.ready('newest', 9).beads).toEqual([]);
    one.town.must({ kind: 'bead.start', beadId: 'a' as never });
    bring(one, [line({ id: 'e', title: 'e' })]);
    expect(one.town.must({ kind: 'bead.start', importId: first.importId! })).toEqual({ started: 2 });
    expect(one.town.must({ kind: 'bead.start', rigId: one.rigId })).toEqual({ started: 1 });
    one.runner.work();
    expect(
      one.town
        .rows()
        .beads.map(({ id, status, hold }) => `${id} ${status} ${hold ?? ''}`)
        .toSorted(),
    ).toEqual(['a closed ', 'b closed ', 'c closed ', 'd open foreign', 'e closed ']);
  });

  test('a start must name one thing that is there', () => {
    const one = quiet();
    for (const [wish, code] of [
      [{}, 'invalid_input'],
      [{ rigId: one.rigId, importId: 'im-00000000' }, 'invalid_input'],
      [{ importId: 'im-00000000' }, 'unknown_import'],
      [{ convoyId: 'cv-00000000' as ConvoyId }, 'unknown_convoy'],
      [{ rigId: one.rigId, convoyId: 'cv-00000000' as ConvoyId }, 'invalid_input'],
      [{ rigId: 'rig-00000000' as RigId }, 'unknown_rig'],
    ] as const)
      expect(one.town.person({ kind: 'bead.start', ...wish })).toMatchObject({ ok: false, failure: { code } });
    expect(one.town.person({ kind: 'beads.import', rigId: 'rig-00000000' as RigId, text: '' })).toMatchObject({
      failure: { code: 'unknown_rig' },
    });
  });

  test('with `start` it begins at once, and what waits for others still waits', () => {
    const one = story();
    bring(one, [line({ id: 'a', title: 'A', dependencies: [blocks('a', 'b')] }), line({ id: 'b', title: 'B' })], { start: true });
    expect([rowOf(one, 'a')?.wait?.code, rowOf(one, 'b')?.status]).toEqual(['blocked_by_open', 'in_progress']);
    one.runner.work();
    expect(one.town.rows().beads.every(({ status }) => status === 'closed')).toBe(true);
  });
});
