import { type ImportAnswer } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { checkInvariants } from '../invariants.ts';
import { memorySql, story } from '../testing.ts';
import { blocks, bring, exported, line, quiet, rowOf } from '../testing/bring.ts';

/** Dependencies of a file (issue, Build 6; SEMANTICS of beads, §1). After every step the auditor looks at everything. */
describe('dependencies of a file', () => {
  const untaken = (answer: ImportAnswer) =>
    answer.lines.flatMap((one) => one.untaken.map((edge) => `${one.id} ${edge.type} ${edge.dependsOn}: ${edge.why}`));

  test('each that is not taken says why, and the line keeps it', () => {
    const one = quiet();
    const file = [
      line({
        id: 'a',
        title: 'A',
        dependencies: [blocks('a', 'a'), blocks('a', 'gone'), blocks('a', 'b'), blocks('a', 'b', 'related'), blocks('nobody', 'a'), 7],
      }),
      line({
        id: 'b',
        title: 'B',
        dependencies: [blocks('b', 'c', 'conditional-blocks'), blocks('b', 'external:x:y'), blocks('b', 'a', 'Bad Type')],
      }),
      line({ id: 'c', title: 'C', dependencies: [blocks('c', 'a'), blocks('c', 'a', 'related')] }),
      line({ id: 'w', title: 'W', ephemeral: true, dependencies: [blocks('w', 'a', 'parent-child')] }),
    ];
    const answer = bring(one, file);
    expect(untaken(answer)).toEqual([
      'a blocks a: a bead cannot depend on itself',
      'a blocks gone: gone is not here',
      'a related b: the two are tied by blocks already, and the first stays',
      'a blocks a: it is an edge of nobody, in the line of a',
      'a  : it is no object with depends_on_id',
      'b Bad Type a: its type is no lower-case word of at most 50 letters',
      'c blocks a: it would close a circle: a leads back to c',
      'w parent-child a: one of the two is short-lived (ephemeral, wisp or no_history) and the other is not: make both so in the file or neither, or add the dependency here by hand',
    ]);
    expect(answer.counts).toMatchObject({ edges: 4, untakenEdges: 8 });
    expect(rowOf(one, 'b')?.dependsOn).toEqual([
      { id: 'c', type: 'conditional-blocks' },
      { id: 'external:x:y', type: 'blocks' },
    ]);
    expect(exported(one)).toEqual(file);
  });

  test('a circle through beads that are here already is seen', () => {
    const one = quiet();
    bring(one, [line({ id: 'a', title: 'A', dependencies: [blocks('a', 'b')] }), line({ id: 'b', title: 'B' })]);
    const answer = bring(one, [
      line({ id: 'c', title: 'C', dependencies: [blocks('c', 'a')] }),
      line({ id: 'b', title: 'B', dependencies: [blocks('b', 'c')] }),
    ]);
    expect(untaken(answer)).toEqual(['b blocks c: it would close a circle: c leads back to b']);
  });

  test('one that had no target is taken when the file comes again after its target did', () => {
    const one = quiet();
    const a = line({ id: 'a', title: 'A', dependencies: [blocks('a', 'b'), blocks('a', 'c')] });
    expect(bring(one, [a]).counts).toMatchObject({ untakenEdges: 2 });
    bring(one, [line({ id: 'b', title: 'B' })]);
    expect(bring(one, [a])).toMatchObject({ counts: { updated: 1, edges: 1, untakenEdges: 1 } });
    expect(rowOf(one, 'a')?.dependsOn).toEqual([{ id: 'b', type: 'blocks' }]);
    expect(bring(one, [a])).toMatchObject({ importId: null, counts: { unchanged: 1 } });
    one.town.must({ kind: 'bead.remove_dependency', beadId: 'a' as never, dependsOn: 'b' });
    expect(bring(one, [a])).toMatchObject({ counts: { edges: 0 } });
    expect(rowOf(one, 'a')?.dependsOn).toEqual([]);
  });

  test('gates, parents and children that come in any order count as the edges say (I12)', () => {
    const one = quiet();
    bring(
      one,
      [
        line({ id: 'p', title: 'P' }),
        line({ id: 'w', title: 'W', dependencies: [blocks('w', 'p', 'waits-for', { metadata: '{"gate":"any-children"}' })] }),
      ],
      { start: true },
    );
    expect(rowOf(one, 'w')?.wait?.code).not.toBe('waits_for_children');
    bring(one, [line({ id: 'p.1', title: 'one', dependencies: [blocks('p.1', 'p', 'parent-child')] })]);
    expect(rowOf(one, 'w')?.wait?.code).toBe('waits_for_children');
    bring(one, [line({ id: 'p.2', title: 'two', status: 'closed', dependencies: [blocks('p.2', 'p', 'parent-child')] })]);
    expect(one.town.town.ready('newest', 9).beads.map(({ id }) => id)).toContain('w');
  });

  test('children of a bead that is put off wait for it', () => {
    const one = quiet();
    const later = new Date(one.town.now + 3_600_000).toISOString();
    bring(
      one,
      [line({ id: 'p', title: 'P', defer_until: later }), line({ id: 'c', title: 'C', dependencies: [blocks('c', 'p', 'parent-child')] })],
      { start: true },
    );
    expect([rowOf(one, 'p')?.wait?.code, rowOf(one, 'c')?.wait?.code]).toEqual(['deferred', 'parent_deferred']);
    one.town.sleep(3_700_000);
    expect(one.town.town.ready('newest', 9).beads.map(({ id }) => id)).toEqual(['c', 'p']);
  });

  test('ten thousand edges in one chain, and ten thousand on one bead, take a moment (hostile input)', () => {
    const store = memorySql();
    const one = story({}, { store, check: false });
    one.town.must({ kind: 'town.pause' });
    const chain = Array.from({ length: 10_000 }, (_, n) =>
      line({ id: `c${n}`, title: 'C', dependencies: [blocks(`c${n}`, `c${(n + 1) % 10_000}`)] }),
    );
    const before = one.town.sql.counts.statements;
    expect(bring(one, chain, { start: true }).counts).toMatchObject({ created: 10_000, edges: 9_999, untakenEdges: 1 });
    const fan = line({ id: 'fan', title: 'F', dependencies: Array.from({ length: 10_000 }, (_, n) => blocks('fan', `c${n}`)) });
    expect(bring(one, [fan]).counts).toMatchObject({ created: 1, edges: 10_000 });
    expect(one.town.sql.counts.statements - before).toBeLessThan(11_000);
    expect(checkInvariants(store, one.town.now)).toEqual([]);
  }, 60_000);
});
