import type { BeadId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { line, bring } from '../testing/bring.ts';
import { tied, type Tied } from '../testing/ties.ts';

const until = ({ town }: Tied): number => town.now + 3_600_000;

describe('whom a change of a bead holds up or lets go, and who is told (I12, I17)', () => {
  test('who waits for a bead stays held when it fails; who waits for its outcome goes on, and is held again by a retry (ST-9)', () => {
    const { wish, tie, set, waits, told } = tied();
    const [first, after, outcome, like] = ['first', 'after', 'outcome', 'like'].map((title) => wish(title)) as [
      BeadId,
      BeadId,
      BeadId,
      BeadId,
    ];
    tie(after, 'blocks', first);
    tie(outcome, 'conditional-blocks', first);
    tie(like, 'related', first);
    const concerned = ['after', 'first', 'outcome'];
    expect(waits(after, outcome, like)).toEqual([`blocked_by_open ${first}`, `blocked_by_open ${first}`, 'town_paused']);
    expect(told(() => set(first, 'failed'))).toEqual(concerned);
    expect(waits(after, outcome)).toEqual([`blocked_by_failed ${first}`, 'town_paused']);
    expect(told(() => set(first, 'open'))).toEqual(concerned);
    expect(waits(after, outcome)).toEqual([`blocked_by_open ${first}`, `blocked_by_open ${first}`]);
    expect(told(() => set(first, 'closed'))).toEqual(concerned);
    expect(waits(after, outcome)).toEqual(['town_paused', 'town_paused']);
    expect(told(() => set(first, 'failed'))).toEqual(concerned);
    expect(waits(after, outcome)).toEqual([`blocked_by_failed ${first}`, 'town_paused']);
  });

  test('a bead that is put off holds as before and only its own row changes; one that is pinned holds nobody until it is let go', () => {
    const { town, wish, part, tie, waits, told } = tied();
    const whole = wish('whole');
    const first = part('first', whole);
    const after = wish('after', { dependsOn: [first] });
    const waiter = wish('waiter');
    tie(waiter, 'waits-for', whole);
    const held = [`blocked_by_open ${first}`, `waits_for_children ${whole}`];
    expect(told(() => town.must({ kind: 'bead.defer', beadId: first, until: null }))).toEqual(['first']);
    expect(waits(after, waiter)).toEqual(held);
    expect(told(() => town.must({ kind: 'bead.pin', beadId: first }))).toEqual(['after', 'first', 'waiter']);
    expect(waits(after, waiter)).toEqual(['town_paused', 'town_paused']);
    expect(told(() => town.must({ kind: 'bead.start', beadId: first }))).toEqual(['after', 'first', 'waiter']);
    expect(waits(after, waiter)).toEqual(held);
  });

  test('neither the whole of a bead nor who waits for the parts of its dependants is told of it', () => {
    const { wish, part, tie, set, told } = tied();
    const whole = wish('whole');
    const first = part('first', whole);
    const after = wish('after', { dependsOn: [first] });
    tie(wish('waiter'), 'waits-for', after);
    expect(told(() => set(first, 'failed'))).toEqual(['after', 'first']);
    expect(told(() => set(first, 'closed'))).toEqual(['after', 'first']);
  });

  test('a part waits with its whole, names it, and does so again after it was closed and opened; what lies below it as well', () => {
    const { wish, part, set, waits, told } = tied();
    const first = wish('first');
    const whole = wish('whole', { dependsOn: [first] });
    const piece = part('piece', whole);
    const bit = part('bit', piece);
    expect(waits(whole, piece, bit)).toEqual([`blocked_by_open ${first}`, `parent_blocked ${whole}`, `parent_blocked ${piece}`]);
    expect(told(() => set(piece, 'closed'))).toEqual(['bit', 'piece']);
    expect(waits(bit)).toEqual(['town_paused']);
    expect(told(() => set(piece, 'open'))).toEqual(['bit', 'piece']);
    expect(waits(piece, bit)).toEqual([`parent_blocked ${whole}`, `parent_blocked ${piece}`]);
    expect(told(() => set(first, 'closed'))).toEqual(['bit', 'first', 'piece', 'whole']);
    expect(waits(whole, piece, bit)).toEqual(['town_paused', 'town_paused', 'town_paused']);
  });

  test('a bead that waits for a bead and for the parts of another does so again after it was closed and opened; its parts are told when it turns, and not before', () => {
    const { wish, part, tie, set, waits, told } = tied();
    const [first, whole] = [wish('first'), wish('whole')];
    const piece = part('piece', whole);
    const after = wish('after', { dependsOn: [first] });
    tie(after, 'waits-for', whole);
    const bit = part('bit', after);
    expect(told(() => set(after, 'closed'))).toEqual(['after', 'bit']);
    expect(waits(bit)).toEqual(['town_paused']);
    expect(told(() => set(after, 'open'))).toEqual(['after', 'bit']);
    expect(waits(after, bit)).toEqual([`blocked_by_open ${first}`, `parent_blocked ${after}`]);
    expect(told(() => set(first, 'closed'))).toEqual(['after', 'first']);
    expect(waits(after, bit)).toEqual([`waits_for_children ${whole}`, `parent_blocked ${after}`]);
    expect(told(() => set(piece, 'closed'))).toEqual(['after', 'bit', 'piece']);
    expect(waits(after, bit)).toEqual(['town_paused', 'town_paused']);
  });

  test('a part of two wholes that one of them lets go names the other', () => {
    const { wish, part, tie, set, waits, told } = tied();
    const [first, second] = [wish('first'), wish('second')];
    const [one, other] = [wish('one', { dependsOn: [first] }), wish('other', { dependsOn: [second] })];
    const piece = part('piece', one);
    tie(piece, 'parent-child', other);
    const [named] = waits(piece);
    const [gone, left] = named === `parent_blocked ${one}` ? [first, other] : [second, one];
    expect(told(() => set(gone, 'closed'))).toEqual(gone === first ? ['first', 'one', 'piece'] : ['other', 'piece', 'second']);
    expect(waits(piece)).toEqual([`parent_blocked ${left}`]);
  });

  test('who waits for the parts of two beads names the one whose parts are not done, of both the one with the lesser id', () => {
    const { wish, part, tie, set, waits, told } = tied();
    const [one, other] = [wish('one'), wish('other')].toSorted() as [BeadId, BeadId];
    const [piece, bit] = [part('piece', one), part('bit', other)];
    const waiter = wish('waiter');
    tie(waiter, 'waits-for', one);
    tie(waiter, 'waits-for', other);
    expect(waits(waiter)).toEqual([`waits_for_children ${one}`]);
    expect(told(() => set(piece, 'closed'))).toEqual(['piece', 'waiter']);
    expect(waits(waiter)).toEqual([`waits_for_children ${other}`]);
    expect(told(() => set(bit, 'closed'))).toEqual(['bit', 'waiter']);
    expect(waits(waiter)).toEqual(['town_paused']);
  });

  test('the parts of a whole that is put off say until when, and are told when it is over', () => {
    const one = tied();
    const { town, bead, wish, part, told, waits } = one;
    const whole = wish('whole');
    const piece = part('piece', whole);
    expect(told(() => town.must({ kind: 'bead.defer', beadId: whole, until: until(one) }))).toEqual(['piece', 'whole']);
    expect(bead(piece).wait).toEqual({ code: 'parent_deferred', ref: whole, until: until(one) });
    expect(told(() => town.must({ kind: 'bead.start', beadId: whole }))).toEqual(['piece', 'whole']);
    expect(waits(piece)).toEqual(['town_paused']);
  });
});

/** What is kept of beads that hold each other is written where it changes, and looked for where there is something to find (P1, P4). */
describe('what it costs', () => {
  const KEPT = /UPDATE beads SET (?:blockers|waits|blocked|deferred_parents)\b|RECURSIVE (?:down|up)\b|DISTINCT bead_id FROM dependencies/;
  const kept = ({ town }: Tied, act: () => void): string[] => {
    town.sql.texts.clear();
    act();
    return [...town.sql.texts].flatMap((text) => KEPT.exec(text)?.[0] ?? []).toSorted();
  };

  test('a bead that is tied to nobody costs nothing, whatever becomes of it', () => {
    const one = tied({ check: false });
    const { town, wish, set } = one;
    const alone = wish('alone');
    for (const status of ['failed', 'open', 'closed', 'open'] as const) expect(kept(one, () => set(alone, status))).toEqual([]);
    expect(kept(one, () => town.must({ kind: 'bead.pin', beadId: alone }))).toEqual([]);
    expect(kept(one, () => town.must({ kind: 'bead.start', beadId: alone }))).toEqual([]);
    expect(kept(one, () => town.must({ kind: 'bead.defer', beadId: alone, until: until(one) }))).toEqual([]);
    expect(kept(one, () => bring(one, [line({ id: 'a-1', title: 'brought' })]))).toEqual([]);
  });

  test('who waits for a bead that fails costs nothing, nor does what the bead itself waits for', () => {
    const one = tied({ check: false });
    const first = one.wish('first', { dependsOn: [one.wish('before')] });
    one.wish('after', { dependsOn: [first] });
    expect(kept(one, () => one.set(first, 'failed'))).toEqual([]);
  });

  test('a part is counted where somebody waits for the parts, and there alone', () => {
    const one = tied({ check: false });
    const { wish, part, set, tie } = one;
    const whole = wish('whole');
    const piece = part('piece', whole);
    expect(kept(one, () => set(piece, 'failed'))).toEqual(['DISTINCT bead_id FROM dependencies']);
    tie(wish('waiter'), 'waits-for', whole);
    expect(kept(one, () => set(piece, 'open'))).toEqual(['DISTINCT bead_id FROM dependencies', 'RECURSIVE down', 'UPDATE beads SET waits']);
  });

  test('of who waits for two beads the first to close changes the count alone, the second also whether it is blocked', () => {
    const one = tied({ check: false });
    const [first, second] = [one.wish('first'), one.wish('second')];
    one.wish('after', { dependsOn: [first, second] });
    expect(kept(one, () => one.set(first, 'closed'))).toEqual(['RECURSIVE down', 'UPDATE beads SET blockers']);
    expect(kept(one, () => one.set(second, 'closed'))).toEqual(['RECURSIVE down', 'UPDATE beads SET blocked', 'UPDATE beads SET blockers']);
  });

  test('each bead that is let go is written twice: how many hold it, and that it is free', () => {
    const closing = (dependants: number): number => {
      const one = tied({ check: false });
      const first = one.wish('first');
      for (let n = 0; n < dependants; n += 1) one.wish(`after ${n}`, { dependsOn: [first] });
      return one.town.sql.measure(() => one.set(first, 'closed')).rowsWritten;
    };
    expect(closing(3) - closing(1)).toBe(4);
  });
});
