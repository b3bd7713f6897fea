import { describe, expect, test } from 'vitest';
import type { Moment } from '../api.ts';
import { RULE_NAMES } from '../reconcile.ts';
import { RuleError } from '../rule-error.ts';
import { dump, everything, memorySql, seededRandom, story } from '../testing.ts';
import { reasonOf } from './rules.ts';

type Store = ReturnType<typeof memorySql>;
function at(now: number): Moment {
  const random = seededRandom(7);
  return { now, random: (bytes) => random.hex(bytes) };
}
/** As the shell does it: in a transaction that is undone. */
function undone<T>(store: Store, work: () => T): T {
  store.db.exec('SAVEPOINT dry');
  try {
    return work();
  } finally {
    store.db.exec('ROLLBACK TO dry; RELEASE dry');
  }
}

/** Work is under way and the runner is gone; leases end, and a bead waits for a slot. */
function busy() {
  const store = memorySql();
  const one = everything(store);
  one.town.must({ kind: 'town.resume' });
  one.town.now += 120_000;
  return { store, one };
}

describe('a dry run (RC-23)', () => {
  test('tells what the rules would do now, who and why, and writes nothing', () => {
    const { store, one } = busy();
    const before = dump(store.db);
    const told = undone(store, () => one.town.town.preview(at(one.town.now)));
    expect(dump(store.db)).toBe(before);
    const lease = told.steps.find(({ rule }) => rule === 'leases');
    expect(lease).toMatchObject({ why: expect.stringContaining('I3'), subject: expect.stringMatching(/^run-/) });
    expect(lease?.what).toMatch(/^\w+'s run run-\w+ on gt-\w+ “goes on” ends: Nothing was heard of the runner/);
    expect(told.steps.map(({ rule }) => rule)).toContain('runs');
    expect(told.steps.some(({ what }) => /“goes on”: in_progress → open/.test(what))).toBe(true);
  });

  test('is what happens when the town wakes: the same moves by the same rules, the same effects, the same next wake', () => {
    const { store, one } = busy();
    const { town } = one.town;
    const last = Number(store.all('SELECT max(id) AS id FROM bead_events')[0]?.['id']);
    const told = undone(store, () => town.preview(at(one.town.now)));
    town.handle({ key: null, actor: { kind: 'town' }, command: { kind: 'wake' } }, at(one.town.now));
    const left = town.takeDueEffects(at(one.town.now));
    expect(left.map(({ effectId }) => effectId)).toEqual(told.effects.map(({ id }) => id));
    expect(town.nextWake()).toBe(told.nextWake);
    const moved = store.all('SELECT cause, bead_id FROM bead_events WHERE id > ? AND before IS NOT NULL', last);
    expect(moved.length).toBeGreaterThan(0);
    for (const move of moved) expect(told.steps).toContainEqual(expect.objectContaining({ rule: move['cause'], subject: move['bead_id'] }));
  });

  test('of a town in which nothing is due says nothing', () => {
    const store = memorySql();
    const one = story({}, { store });
    const told = undone(store, () => one.town.town.preview(at(one.town.now)));
    expect(told).toEqual({ steps: [], effects: [], nextWake: one.town.town.nextWake() });
  });

  test('a town that was looked at so goes on as if nothing had been', () => {
    const [looked, other] = [busy(), busy()];
    undone(looked.store, () => looked.one.town.town.preview(at(looked.one.town.now)));
    for (const { one } of [looked, other]) one.town.sleep(300_000, () => one.runner.work());
    /** Runners get ever new names, and the fingerprints of calls have them in. */
    const rest = ({ store }: { store: Store }) =>
      dump(store.db)
        .replaceAll(/instance-\d+-\d+/g, 'instance')
        .split('\n')
        .filter((line) => !line.startsWith('INSERT INTO keys'));
    const [after, without] = [rest(looked), rest(other)];
    const there = new Set(without);
    expect(after.filter((line) => !there.has(line))).toEqual([]);
    expect(after.length).toBe(without.length);
  });
});

describe('a rule that breaks (RC-15)', () => {
  const broken = () => {
    const { store, one } = busy();
    store.db.exec('ALTER TABLE breaker RENAME TO hidden');
    return { store, one };
  };

  test('names itself, and counts', () => {
    const { store, one } = broken();
    const said = () => undone(store, () => one.town.town.handle({ key: null, actor: { kind: 'town' }, command: { kind: 'wake' } }, at(5)));
    expect(said).toThrow(RuleError);
    expect(said).toThrow(/^the rule breaker broke: no such table: breaker/);
    expect(one.town.town.counted().broken).toEqual({ breaker: 2 });
  });

  test('is left out when the caller says so: the others do their work', () => {
    const { store, one } = broken();
    store.db.exec('SAVEPOINT try');
    const without = new Set(['breaker', 'dispatch', 'runs']);
    const woken = one.town.town.handle({ key: null, actor: { kind: 'town' }, command: { kind: 'wake' } }, at(one.town.now), without);
    expect(woken.ok).toBe(true);
    expect(store.all(`SELECT id FROM runs WHERE state <> 'ended' AND lease_until < ?`, one.town.now)).toEqual([]);
  });

  test('every rule has a reason that a person can read, and is counted', () => {
    const { one } = busy();
    one.town.sleep(3_600_000, () => one.runner.work());
    const rules = Object.keys(one.town.town.counted().actions);
    expect(rules.length).toBeGreaterThan(8);
    expect([...rules, ...RULE_NAMES].filter((rule) => reasonOf(rule).startsWith('The rule '))).toEqual([]);
  });
});
