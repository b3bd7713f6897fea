import { describe, expect, test } from 'vitest';
import { blocks, bring, line, quiet, rowOf } from '../testing/bring.ts';

/** A file that comes again (issue, Build 6; SEMANTICS of beads, §1). After every step the auditor looks at everything. */
describe('a file that comes again', () => {
  const at = (day: number): string => `2099-01-0${day}T00:00:00Z`;

  test('changes what it changed, and never what was done here meanwhile', () => {
    const one = quiet();
    const first = { id: 'a', title: 'A', description: 'x', priority: 2, status: 'open', updated_at: at(1) };
    bring(one, [line(first)]);
    one.town.must({ kind: 'bead.set_status', beadId: 'a' as never, status: 'closed' });
    one.town.must({ kind: 'bead.update', beadId: 'a' as never, priority: 'critical' });
    bring(one, [line({ ...first, title: 'B', updated_at: at(2) })]);
    expect(rowOf(one, 'a')).toMatchObject({ title: 'B', status: 'closed', priority: 'critical' });
    bring(one, [line({ ...first, title: 'B', priority: 3, updated_at: at(3) })]);
    expect(rowOf(one, 'a')).toMatchObject({ status: 'closed', priority: 'low' });
  });

  test('closes, opens and lets go as the file says; what opens again waits for a start', () => {
    const one = quiet();
    const say = (status: string, day: number, more: object = {}) => line({ id: 'a', title: 'A', status, updated_at: at(day), ...more });
    const state = () => [rowOf(one, 'a')?.status, rowOf(one, 'a')?.hold, rowOf(one, 'a')?.closedAt];
    bring(one, [say('in_progress', 1)]);
    expect(state()).toEqual(['open', 'foreign', null]);
    bring(one, [say('closed', 2, { closed_at: at(2) })]);
    expect(state()).toEqual(['closed', null, Date.parse(at(2))]);
    bring(one, [say('open', 3)]);
    expect(state()).toEqual(['open', 'staged', null]);
    bring(one, [say('pinned', 4)]);
    expect(state()).toEqual(['open', 'pinned', null]);
    bring(one, [say('open', 5)], { start: true });
    expect(state()).toEqual(['open', null, null]);
  });

  test('says anew how a bead stands that a person made work of a record: it is work, and waits for a start (I12)', () => {
    const one = quiet();
    const say = (status: string, day: number) => line({ id: 'a', title: 'A', issue_type: 'message', status, updated_at: at(day) });
    bring(one, [say('open', 1)]);
    expect(rowOf(one, 'a')).toMatchObject({ kind: 'message', hold: 'not_work' });
    one.town.must({ kind: 'bead.update', beadId: 'a' as never, workKind: 'task' });
    bring(one, [say('in_progress', 2)]);
    expect(rowOf(one, 'a')).toMatchObject({ kind: 'task', hold: null });
    bring(one, [say('closed', 3)]);
    bring(one, [say('open', 4)]);
    expect(rowOf(one, 'a')).toMatchObject({ kind: 'task', status: 'open', hold: 'staged' });
  });

  test('adds and takes away the dependencies that the file added and took away, and no other', () => {
    const one = quiet();
    const say = (edges: object[], day: number) => line({ id: 'a', title: 'A', updated_at: at(day), dependencies: edges });
    bring(one, [line({ id: 'b', title: 'B' }), line({ id: 'c', title: 'C' }), line({ id: 'd', title: 'D' }), say([blocks('a', 'b')], 1)]);
    one.town.must({ kind: 'bead.add_dependency', beadId: 'a' as never, dependsOn: 'd' as never });
    bring(one, [say([blocks('a', 'c')], 2)]);
    expect(rowOf(one, 'a')?.dependsOn.map(({ id }) => id)).toEqual(['c', 'd']);
    bring(one, [say([blocks('a', 'c', 'related')], 3)]);
    expect(rowOf(one, 'a')?.dependsOn).toEqual([
      { id: 'c', type: 'related' },
      { id: 'd', type: 'blocks' },
    ]);
  });
});
