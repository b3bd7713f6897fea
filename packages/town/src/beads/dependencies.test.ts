import type { BeadId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { blocks, bring, line } from '../testing/bring.ts';
import { tied, type Tied } from '../testing/ties.ts';
import { allEdges, dependenciesExist } from './dependencies.ts';

const refusal = (code: string, details: object | undefined, message?: string) => ({
  ok: false,
  failure: { code, ...(details && { details }), ...(message !== undefined && { message }) },
});
const events = ({ town }: Tied) =>
  town
    .rows()
    .events.filter(({ type }) => type.startsWith('dependency_'))
    .map(({ type, beadId, actor, data }) => ({ type, beadId, actor, data }));

describe('a dependency is added (DM-10)', () => {
  test.each(['blocks', 'conditional-blocks', 'parent-child', 'related'])(
    '%s: the bead shows it, its row alone is told, the ledger has it; the same again is the same and is not written',
    (type) => {
      const one = tied();
      const [bead, other] = [one.wish('bead'), one.wish('other')];
      const ties = [{ id: other, type }];
      let answer;
      expect(one.told(() => (answer = one.tie(bead, type, other)))).toEqual(['bead']);
      expect(answer).toEqual({ ok: true, value: { beadId: bead } });
      expect(one.bead(bead).dependsOn).toEqual(ties);
      expect(one.bead(other).dependsOn).toEqual([]);
      const added = [
        { type: 'dependency_added', beadId: bead, actor: 'Ada', data: { cause: 'bead.add_dependency', dependsOn: other, type } },
      ];
      expect(events(one)).toEqual(added);
      expect(one.told(() => (answer = one.tie(bead, type, other)))).toEqual([]);
      expect(answer).toEqual({ ok: true, value: { beadId: bead } });
      expect(one.bead(bead).dependsOn).toEqual(ties);
      expect(events(one)).toEqual(added);
    },
  );

  test('who waits for the parts of a bead says for all of them or for any, and the ledger has what was said', () => {
    const one = tied();
    const { wish, part, tie, set, waits } = one;
    const whole = wish('whole');
    const [piece] = [part('piece', whole), part('bit', whole)];
    const [all, any] = [wish('all'), wish('any')];
    tie(all, 'waits-for', whole);
    tie(any, 'waits-for', whole, 'any');
    expect(events(one).map(({ data }) => data)).toEqual([
      { cause: 'bead.add_dependency', dependsOn: whole, type: 'waits-for', gate: 'all' },
      { cause: 'bead.add_dependency', dependsOn: whole, type: 'waits-for', gate: 'any' },
    ]);
    set(piece!, 'closed');
    expect(waits(all, any)).toEqual([`waits_for_children ${whole}`, 'town_paused']);
  });

  test('a gate that is said to another type than waits-for is neither kept nor told (I6)', () => {
    const one = tied();
    const [bead, other] = [one.wish('bead'), one.wish('other')];
    expect(one.tie(bead, 'blocks', other, 'any')).toMatchObject({ ok: true });
    expect(allEdges(one.town.sql)).toEqual([{ beadId: bead, dependsOn: other, type: 'blocks', gate: null }]);
    expect(events(one).map(({ data }) => data)).toEqual([{ cause: 'bead.add_dependency', dependsOn: other, type: 'blocks' }]);
  });

  test('what is over holds nobody: a dependency on it is taken and given back without a change', () => {
    const { wish, tie, untie, set, waits } = tied();
    const [over, bead] = [wish('over'), wish('bead')];
    set(over, 'closed');
    for (const type of ['blocks', 'conditional-blocks', 'waits-for', 'parent-child']) {
      tie(bead, type, over);
      expect(waits(bead)).toEqual(['town_paused']);
      untie(bead, type, over);
      expect(waits(bead)).toEqual(['town_paused']);
    }
    set(over, 'failed');
    tie(bead, 'conditional-blocks', over);
    expect(waits(bead)).toEqual(['town_paused']);
  });

  test('what is outside the town holds until a person removes the edge', () => {
    const one = tied();
    const bead = one.wish('bead');
    expect(one.tie(bead, 'blocks', 'external:their:part')).toEqual({ ok: true, value: { beadId: bead } });
    expect(one.waits(bead)).toEqual(['blocked_by_external external:their:part']);
    one.untie(bead, 'blocks', 'external:their:part');
    expect(one.waits(bead)).toEqual(['town_paused']);
  });

  test('a bead that is not here or is no work depends on nothing, and nothing on it; which one it is, is said', () => {
    const { tie, untie, town, rigId, wish, convoy } = tied();
    const bead = wish('bead');
    const batch = convoy('batch', [wish('member')]);
    for (const id of ['gt-none', batch]) {
      const unknown = refusal('unknown_bead', { beadId: id });
      expect(tie(id, 'blocks', bead)).toMatchObject(unknown);
      expect(tie(bead, 'blocks', id)).toMatchObject(unknown);
      expect(tie(bead, 'related', id)).toMatchObject(unknown);
      expect(town.person({ kind: 'bead.create', rigId, title: 'new', dependsOn: [bead, id as BeadId] })).toMatchObject(unknown);
      expect(town.person({ kind: 'bead.create', rigId, title: 'new', parentId: id as BeadId })).toMatchObject(unknown);
    }
    expect(untie('gt-none', 'blocks', bead)).toMatchObject(refusal('unknown_bead', { beadId: 'gt-none' }));
  });

  test('two beads have one dependency from the one to the other: another type is refused and names the one that is there', () => {
    const { tie, wish, bead } = tied();
    const [one, other] = [wish('one'), wish('other')];
    tie(one, 'related', other);
    expect(tie(one, 'blocks', other)).toMatchObject(
      refusal('dependency_exists', { beadId: one, dependsOn: other, type: 'related' }, `${one} already depends on ${other} by related.`),
    );
    expect(bead(one).dependsOn).toEqual([{ id: other, type: 'related' }]);
  });

  test('what another tool says a bead tracks does not stand in the way of a dependency (CV-3)', () => {
    const one = tied();
    bring(one, [line({ id: 'a-1', title: 'one', dependencies: [blocks('a-1', 'a-2', 'tracks')] }), line({ id: 'a-2', title: 'other' })]);
    expect(one.tie('a-1', 'blocks', 'a-2')).toMatchObject({ ok: true });
    expect(one.waits('a-1' as BeadId)).toEqual(['blocked_by_open a-2']);
  });

  test('a part that is given to a whole that is put off waits with it, and goes on when it is taken away', () => {
    const { town, wish, tie, untie, waits } = tied();
    const [whole, piece] = [wish('whole'), wish('piece')];
    town.must({ kind: 'bead.defer', beadId: whole, until: town.now + 1_000 });
    tie(piece, 'parent-child', whole);
    expect(waits(piece)).toEqual([`parent_deferred ${whole}`]);
    untie(piece, 'parent-child', whole);
    expect(waits(piece)).toEqual(['town_paused']);
  });

  test('who waits for the parts of a bead is told of a new part, and not of what is only related to the bead', () => {
    const { wish, tie, told, waits } = tied();
    const [whole, piece, like, waiter] = ['whole', 'piece', 'like', 'waiter'].map((title) => wish(title)) as [
      BeadId,
      BeadId,
      BeadId,
      BeadId,
    ];
    tie(waiter, 'waits-for', whole);
    expect(waits(waiter)).toEqual(['town_paused']);
    expect(told(() => tie(like, 'related', whole))).toEqual(['like']);
    expect(told(() => tie(piece, 'parent-child', whole))).toEqual(['piece', 'waiter']);
    expect(waits(waiter)).toEqual([`waits_for_children ${whole}`]);
  });
});

describe('nothing waits for itself (I12, DM-10)', () => {
  test('a circle is refused and said for what it is: of an order, of wholes, or of both', () => {
    const { tie, wish, part } = tied();
    const first = wish('first');
    const second = wish('second', { dependsOn: [first] });
    const third = wish('third');
    tie(third, 'conditional-blocks', second);
    const whole = wish('whole', { dependsOn: [first] });
    const piece = part('piece', whole);
    const circle = (beadId: BeadId, dependsOn: BeadId, message: string) => refusal('dependency_cycle', { beadId, dependsOn }, message);
    expect(tie(first, 'blocks', third)).toMatchObject(circle(first, third, `${third} already waits for ${first}.`));
    expect(tie(first, 'conditional-blocks', second)).toMatchObject(circle(first, second, `${second} already waits for ${first}.`));
    expect(tie(whole, 'parent-child', piece)).toMatchObject(circle(whole, piece, `${piece} already is a part of ${whole}.`));
    const mixed = (from: BeadId, to: BeadId) => `Neither could start: ${to} already waits for ${from}, by way of a whole or of its parts.`;
    expect(tie(whole, 'blocks', piece)).toMatchObject(circle(whole, piece, mixed(whole, piece)));
    expect(tie(first, 'parent-child', second)).toMatchObject(circle(first, second, mixed(first, second)));
    expect(tie(first, 'parent-child', first)).toMatchObject(refusal('self_dependency', undefined));
  });

  test('a bead and who waits for its parts: no part may wait for the waiter, nor the waiter begin to wait', () => {
    const { tie, wish, part } = tied();
    const [whole, waiter] = [wish('whole'), wish('waiter')];
    tie(waiter, 'waits-for', whole);
    const late = wish('late', { dependsOn: [waiter] });
    expect(tie(late, 'parent-child', whole)).toMatchObject(
      refusal(
        'dependency_cycle',
        { beadId: late, dependsOn: whole },
        `Neither could start: it would wait for a bead that waits for the parts of ${whole}.`,
      ),
    );
    const [other, begins] = [wish('other'), wish('begins')];
    tie(part('piece', other), 'blocks', begins);
    expect(tie(begins, 'waits-for', other)).toMatchObject(
      refusal(
        'dependency_cycle',
        { beadId: begins, dependsOn: other },
        `Neither could start: a part of ${other} already waits for ${begins}.`,
      ),
    );
  });

  test('what does not order work may lead back, and a bead may come after both a whole and who waits for its parts', () => {
    const { tie, wish } = tied();
    const first = wish('first');
    const second = wish('second', { dependsOn: [first] });
    const done = { ok: true, value: { beadId: first } };
    expect(tie(first, 'related', second)).toEqual(done);
    const [whole, waiter] = [wish('whole'), wish('waiter')];
    tie(waiter, 'waits-for', whole);
    expect(tie(first, 'blocks', waiter)).toEqual(done);
    expect(tie(first, 'blocks', whole)).toEqual(done);
  });
});

describe('a dependency is removed (DM-11)', () => {
  test('the bead shows it no more, is free when nothing else holds it, and the ledger has it', () => {
    const one = tied();
    const [first, second] = [one.wish('first'), one.wish('second')];
    const after = one.wish('after', { dependsOn: [first, second] });
    let answer;
    expect(one.told(() => (answer = one.untie(after, 'blocks', first)))).toEqual(['after']);
    expect(answer).toEqual({ ok: true, value: { beadId: after, changed: true } });
    expect(one.bead(after).dependsOn).toEqual([{ id: second, type: 'blocks' }]);
    expect(one.waits(after)).toEqual([`blocked_by_open ${second}`]);
    one.untie(after, 'blocks', second);
    expect(one.waits(after)).toEqual(['town_paused']);
    expect(events(one)).toEqual(
      [first, second].map((dependsOn) => ({
        type: 'dependency_removed',
        beadId: after,
        actor: 'Ada',
        data: { cause: 'bead.remove_dependency', dependsOn, type: 'blocks' },
      })),
    );
  });

  test('one that is not there, of this type and on this bead, is not removed: the answer says so and nothing is written', () => {
    const one = tied();
    const [first, second, other] = [one.wish('first'), one.wish('second'), one.wish('other')];
    const after = one.wish('after', { dependsOn: [first] });
    one.tie(after, 'related', second);
    const before = [one.bead(after), events(one)];
    for (const [type, dependsOn] of [
      ['related', first],
      ['blocks', second],
      ['blocks', other],
      ['related', other],
    ] as const) {
      expect(
        one.told(() => expect(one.untie(after, type, dependsOn)).toEqual({ ok: true, value: { beadId: after, changed: false } })),
      ).toEqual([]);
      expect([one.bead(after), events(one)]).toEqual(before);
    }
  });

  test('what a convoy tracks is neither added nor removed as a dependency (CV-3)', () => {
    const { tie, untie, wish, convoy } = tied();
    const [bead, member] = [wish('bead'), wish('member')];
    const batch = convoy('batch', [member]);
    const refused = refusal('forbidden', undefined);
    expect(tie(bead, 'tracks', member)).toMatchObject(refused);
    expect(untie(batch, 'tracks', member)).toMatchObject(refused);
    expect(untie(bead, 'tracks', member)).toMatchObject(refused);
  });
});

/** A circle is looked for only where there can be one (P1). */
describe('what it costs', () => {
  const asked = ({ town }: Tied, what: RegExp, act: () => void): string[] => {
    town.sql.texts.clear();
    act();
    return [...town.sql.texts].filter((text) => what.test(text));
  };
  const WALK = /RECURSIVE up\b/;

  test('who waits for the parts of a bead that has none, or begins as a part of one for whose parts nobody waits, costs no walk', () => {
    const one = tied({ check: false });
    const { wish, part, tie } = one;
    const [whole, waiter] = [wish('whole'), wish('waiter')];
    expect(asked(one, WALK, () => part('piece', whole))).toEqual([]);
    expect(asked(one, WALK, () => tie(waiter, 'waits-for', whole))).toHaveLength(1);
    expect(asked(one, WALK, () => tie(whole, 'waits-for', waiter))).toEqual([]);
    expect(asked(one, WALK, () => tie(wish('like'), 'related', whole))).toEqual([]);
  });

  test('a part of a whole that is not put off is not counted as one', () => {
    const one = tied({ check: false });
    const [whole, piece] = [one.wish('whole'), one.wish('piece')];
    expect(asked(one, /SET deferred_parents/, () => one.tie(piece, 'parent-child', whole))).toEqual([]);
  });

  test('nothing named asks nothing', () => {
    const { town } = tied({ check: false });
    expect(town.sql.measure(() => expect(dependenciesExist(town.sql, [])).toEqual({ ok: true, value: [] })).statements).toBe(0);
  });
});
