import type { BeadId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { replica } from '../testing.ts';
import { blocks, bring, exported, line, quiet, rowOf } from '../testing/bring.ts';
import { openTx } from '../tx.ts';
import { linkBeads } from './bulk.ts';
import { allEdges } from './dependencies.ts';

const add = (one: ReturnType<typeof quiet>, beadId: string, dependsOn: string, type: string) =>
  one.town.must({ kind: 'bead.add_dependency', beadId: beadId as BeadId, dependsOn, type });
const idsOf = (lines: readonly string[]) => lines.map((text) => (JSON.parse(text) as { id: string }).id);

/** Many beads at once, in and out (issue, Build 6). After every step the auditor looks at everything. */
describe('beads that came together', () => {
  test('are told to who follows the town: each new one, each that an edge came to, each that waits otherwise, and no other (I10)', () => {
    const one = quiet();
    const a = line({ id: 'a', title: 'A', dependencies: [blocks('a', 'later', 'related')] });
    bring(
      one,
      [
        a,
        line({ id: 'whole', title: 'W' }),
        line({ id: 'waiter', title: 'V' }),
        line({ id: 'other', title: 'O' }),
        line({ id: 'seen', title: 'S' }),
      ],
      {
        start: true,
      },
    );
    add(one, 'waiter', 'whole', 'waits-for');
    add(one, 'other', 'seen', 'waits-for');
    const follower = replica();
    follower.pull(one.town);
    bring(
      one,
      [a, line({ id: 'later', title: 'L', dependencies: [blocks('later', 'whole', 'parent-child'), blocks('later', 'seen', 'related')] })],
      { start: true },
    );
    const told = follower.pull(one.town).put.beads ?? [];
    expect(told.map(({ id }) => id as string).toSorted()).toEqual(['a', 'later', 'waiter']);
    expect(told.find(({ id }) => (id as string) === 'a')?.dependsOn).toEqual([{ id: 'later', type: 'related' }]);
    bring(one, [line({ id: 'alone', title: 'Alone' })]);
    expect(follower.pull(one.town).put.beads).toMatchObject([{ id: 'alone' }]);
    const { beads } = one.town.rows();
    expect(follower.rows().beads).toEqual(beads.toSorted((x, y) => (x.id < y.id ? -1 : 1)));
  });

  test('a part that comes holds who waits for the parts of its whole', () => {
    const one = quiet();
    bring(one, [line({ id: 'whole', title: 'W' }), line({ id: 'waiter', title: 'V' })], { start: true });
    add(one, 'waiter', 'whole', 'waits-for');
    expect(rowOf(one, 'waiter')?.wait?.code).not.toBe('waits_for_children');
    bring(one, [line({ id: 'part', title: 'P', dependencies: [blocks('part', 'whole', 'parent-child')] })], { start: true });
    expect(rowOf(one, 'waiter')?.wait).toMatchObject({ code: 'waits_for_children', ref: 'whole' });
    expect(one.town.town.ready('oldest', 9).beads.map(({ id }) => id)).toEqual(['part', 'whole']);
  });

  test('an edge that holds nothing up costs its row alone, however many come', () => {
    const one = quiet();
    const ids = Array.from({ length: 20 }, (_, n) => `b${n}`);
    bring(
      one,
      ids.map((id) => line({ id, title: id })),
    );
    const edges = ids.slice(1).map((beadId) => ({ beadId, dependsOn: 'b0', type: 'related', gate: null }));
    const tx = openTx(one.town.sql, { now: one.town.now, random: () => '' }, { kind: 'town' }, 'test');
    const cost = one.town.sql.measure(() => linkBeads(tx, edges));
    expect(cost.rowsWritten).toBe(edges.length);
    expect(allEdges(one.town.sql)).toHaveLength(edges.length);
    expect([...tx.touched.beads].toSorted()).toEqual(ids.slice(1).toSorted());
  });

  test('no edge closes a circle with those that are here, however far it leads, each kind by itself (I12)', () => {
    const one = quiet();
    const tied = (id: string, to: string, type?: string) => line({ id, title: id, dependencies: [blocks(id, to, type)] });
    bring(one, [
      tied('a', 'b'),
      tied('b', 'c', 'conditional-blocks'),
      line({ id: 'c', title: 'C' }),
      tied('p', 'q', 'parent-child'),
      line({ id: 'q', title: 'Q' }),
    ]);
    const answer = bring(one, [
      line({ id: 'c', title: 'C', dependencies: [blocks('c', 'a'), blocks('c', 'd')] }),
      tied('d', 'p'),
      line({ id: 'q', title: 'Q', dependencies: [blocks('q', 'p', 'parent-child')] }),
    ]);
    expect(answer.lines.flatMap((said) => said.untaken)).toEqual([
      { dependsOn: 'a', type: 'blocks', why: 'it would close a circle: a leads back to c' },
      { dependsOn: 'p', type: 'parent-child', why: 'it would close a circle: p leads back to q' },
    ]);
    expect(rowOf(one, 'c')?.dependsOn).toEqual([{ id: 'd', type: 'blocks' }]);
  });
});

test('an export of one rig is that rig alone, and of none all of them, in the order of their ids', () => {
  const one = quiet();
  const rigId = one.addRig('other');
  bring(one, [line({ id: 'a', title: 'A' }), line({ id: 'c', title: 'C' })]);
  bring(one, [line({ id: 'b', title: 'B' })], { rigId });
  const page = (of: typeof rigId | null) =>
    one.town.town.exportPage({ rigId: of, all: false, after: '' }, one.town.now).text.trim().split('\n');
  expect([idsOf(page(one.rigId)), idsOf(page(rigId)), idsOf(exported(one))]).toEqual([['a', 'c'], ['b'], ['a', 'b', 'c']]);
});
