import type { BeadId, Hold } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { replica, silentPolecat, sortedTables, story, type Story } from '../testing.ts';
import { bring, line } from '../testing/bring.ts';
import { make } from '../testing/convoys.ts';

/** Nothing starts by itself: a bead shows what holds it. */
const paused = (): Story => {
  const one = story();
  one.town.must({ kind: 'town.pause' });
  return one;
};
const made = ({ town, rigId }: Story, title: string, more: object = {}): BeadId =>
  town.must<{ beadId: BeadId }>({ kind: 'bead.create', rigId, title, ...more }).beadId;
/** What the ledger says of a bead after it was made. */
const told = ({ town }: Story, beadId: BeadId) =>
  town
    .rows()
    .events.filter((event) => event.beadId === beadId && event.type !== 'created')
    .map(({ type, actor, data }) => [type, actor, data.set]);
const unknown = (id: string) => ({ code: 'unknown_bead', message: `There is no bead ${id}.`, details: { beadId: id } });
const NOBODY = 'gt-00000000' as BeadId;
const refused = (one: Story, command: Parameters<Story['town']['person']>[0]) => {
  const answer = one.town.person(command);
  return answer.ok ? null : answer.failure;
};
const heldAs = (one: Story, hold: Hold): BeadId => {
  if (hold === 'staged') return made(one, 'planned', { staged: true });
  if (hold === 'not_work') return made(one, 'a record', { workKind: 'gate' });
  if (hold === 'foreign') return (bring(one, [line({ id: 'a-1', title: 'elsewhere', status: 'hooked' })]), 'a-1' as BeadId);
  const beadId = made(one, hold);
  one.town.must(hold === 'pinned' ? { kind: 'bead.pin', beadId } : { kind: 'bead.defer', beadId, until: null });
  return beadId;
};
const HOLDS: readonly Hold[] = ['staged', 'deferred', 'pinned', 'foreign', 'not_work'];

describe('to put off', () => {
  test('until a time holds a bead until then, and no millisecond longer; without a date it waits for a person (I10, P7)', () => {
    const one = paused();
    const beadId = one.wish('later');
    const { now } = one.town;
    expect(one.town.must({ kind: 'bead.defer', beadId, until: null })).toEqual({ beadId });
    expect(one.bead(beadId)).toMatchObject({ hold: 'deferred', deferUntil: null, wait: { code: 'deferred', until: null } });
    one.town.now += 5;
    const until = now + 60_000;
    expect(one.town.must({ kind: 'bead.defer', beadId, until })).toEqual({ beadId });
    one.town.must({ kind: 'bead.defer', beadId, until });
    expect(one.bead(beadId)).toMatchObject({
      status: 'open',
      hold: null,
      deferUntil: until,
      updatedAt: now + 5,
      wait: { code: 'deferred', ref: null, until },
    });
    expect(one.town.town.nextWake()).toBe(until);
    one.town.now = until - 1;
    one.town.send({ kind: 'wake' });
    expect(one.bead(beadId)).toMatchObject({ status: 'open', deferUntil: until });
    one.town.now = until;
    one.town.send({ kind: 'wake' });
    expect(one.bead(beadId)).toMatchObject({ deferUntil: null, updatedAt: until, wait: { code: 'town_paused' } });
    expect(told(one, beadId)).toEqual([
      ['held', 'Ada', { hold: 'deferred' }],
      ['deferred', 'Ada', { deferUntil: until }],
      ['started', 'Ada', { hold: null }],
      ['undeferred', 'town', { deferUntil: null }],
    ]);
  });

  test.each([
    ['a moment from now', 1, 1],
    ['this moment', 0, null],
    ['what is over', -1, null],
  ])('until %s', (_name, ms, kept) => {
    const one = paused();
    const beadId = made(one, 'later', { deferUntil: one.town.now + 500 });
    one.town.must({ kind: 'bead.defer', beadId, until: one.town.now + ms });
    expect(one.bead(beadId)).toMatchObject({ hold: null, deferUntil: kept === null ? null : one.town.now + kept });
    expect(told(one, beadId).map(([type]) => type)).toEqual([kept === null ? 'undeferred' : 'deferred']);
  });

  test('without a date takes away the date that there was', () => {
    const one = paused();
    const beadId = made(one, 'later', { deferUntil: one.town.now + 500 });
    one.town.must({ kind: 'bead.defer', beadId, until: null });
    expect(one.bead(beadId)).toMatchObject({ hold: 'deferred', deferUntil: null });
    expect(told(one, beadId).map(([type]) => type)).toEqual(['undeferred', 'held']);
  });

  test.each(HOLDS.filter((hold) => hold !== 'deferred'))(
    'what is held (%s) otherwise than for a time is refused, and nothing changes',
    (hold) => {
      const one = paused();
      const beadId = heldAs(one, hold);
      const before = one.bead(beadId);
      const answer = refused(one, { kind: 'bead.defer', beadId, until: one.town.now + 500 });
      expect(answer).toMatchObject({ code: 'illegal_transition', details: { beadId, hold } });
      expect(answer?.message).toBe(`${beadId} is held already (${hold}); start it first.`);
      expect(one.bead(beadId)).toEqual(before);
    },
  );

  test('holds its parts, which hear when that begins and when it ends (I10, I17)', () => {
    const one = paused();
    const [whole, browser] = [one.wish('whole'), replica()];
    const part = made(one, 'part', { parentId: whole });
    const inStep = (): void => {
      browser.pull(one.town);
      expect({ ...browser.rows(), events: [] }).toEqual({ ...sortedTables(one.town.rows()), events: [] });
    };
    inStep();
    for (const ms of [1_000, 2_000]) {
      const until = one.town.now + ms;
      one.town.must({ kind: 'bead.defer', beadId: whole, until });
      expect(one.bead(part).wait).toEqual({ code: 'parent_deferred', ref: whole, until });
      inStep();
    }
    one.town.sleep(2_000);
    expect(one.bead(part).wait).toMatchObject({ code: 'town_paused' });
    inStep();
  });

  test('ends also for a bead that cannot be read: its parts go on, and nothing stays due (DM-15, P7)', () => {
    const one = story({}, { check: false });
    const until = one.town.now + 600_000;
    const whole = made(one, 'whole', { deferUntil: until });
    const part = made(one, 'part', { parentId: whole });
    one.town.sql.run(`UPDATE beads SET labels = 'no JSON' WHERE id = ?`, whole);
    one.town.sleep(600_000, () => one.runner.work());
    expect(one.town.sql.all('SELECT defer_until FROM beads WHERE id = ?', whole)).toEqual([{ defer_until: null }]);
    one.runner.work();
    expect(one.bead(part).status).toBe('closed');
  });
});

describe('to start', () => {
  test.each(HOLDS.filter((hold) => hold !== 'not_work'))('lets go what is %s, and an agent takes it', (hold) => {
    const one = story({ polecat: silentPolecat });
    one.town.must({ kind: 'town.pause' });
    const beadId = heldAs(one, hold);
    expect(one.bead(beadId)).toMatchObject({ status: 'open', hold });
    expect(one.town.must({ kind: 'bead.start', beadId })).toEqual({ beadId });
    expect(one.bead(beadId)).toMatchObject({ hold: null, deferUntil: null, wait: { code: 'town_paused' } });
    expect(told(one, beadId).at(-1)).toEqual(['started', 'Ada', { hold: null }]);
    const before = told(one, beadId).length;
    expect(one.town.must({ kind: 'bead.start', beadId })).toEqual({ beadId });
    expect(told(one, beadId)).toHaveLength(before);
    one.town.must({ kind: 'town.resume' });
    expect(one.bead(beadId).status).toBe('in_progress');
  });

  test.each(['staged', 'pinned', 'foreign'] as const)(
    'lets go what is %s and keeps its date, alone as with its rig; a second start is for the date (I10; issue, Build 6)',
    (hold) => {
      const one = paused();
      const until = one.town.now + 60_000;
      const defer_until = new Date(until).toISOString();
      const lines = ['a-1', 'a-2'].map((id) => line({ id, title: id, status: hold === 'foreign' ? 'hooked' : 'open', defer_until }));
      bring(one, lines);
      const [alone, withAll] = ['a-1', 'a-2'] as BeadId[];
      if (hold === 'pinned') one.town.must({ kind: 'bead.pin', beadId: alone! });
      expect(one.bead(alone!)).toMatchObject({ hold, deferUntil: until });
      one.town.must({ kind: 'bead.start', beadId: alone! });
      const dated = { hold: null, deferUntil: until, wait: { code: 'deferred', until } };
      expect(one.bead(alone!)).toMatchObject(dated);
      expect(told(one, alone!).at(-1)).toEqual(['started', 'Ada', { hold: null }]);
      one.town.must({ kind: 'bead.start', rigId: one.rigId });
      expect(one.bead(withAll!)).toMatchObject(hold === 'foreign' ? { hold, deferUntil: until } : dated);
      one.town.must({ kind: 'bead.start', beadId: alone! });
      expect(one.bead(alone!)).toMatchObject({ hold: null, deferUntil: null, wait: { code: 'town_paused' } });
      expect(told(one, alone!).at(-1)).toEqual(['undeferred', 'Ada', { deferUntil: null }]);
    },
  );

  test('a record of another tool is refused, however it is held besides: no agent is ever sent to it', () => {
    const one = story();
    const record = heldAs(one, 'not_work');
    const says = {
      code: 'illegal_transition',
      message: `${record} is a record of the kind gate; give it another kind first.`,
      details: { beadId: record },
    };
    expect(refused(one, { kind: 'bead.start', beadId: record })).toMatchObject(says);
    one.town.must({ kind: 'bead.pin', beadId: record });
    expect(one.bead(record).hold).toBe('pinned');
    one.town.must({ kind: 'bead.start', beadId: record });
    expect(one.bead(record)).toMatchObject({ status: 'open', hold: 'not_work', wait: { code: 'held' } });
    expect(refused(one, { kind: 'bead.start', beadId: record })).toMatchObject(says);
    one.town.must({ kind: 'bead.update', beadId: record, workKind: 'task' });
    one.runner.work();
    expect(one.bead(record).status).toBe('closed');
  });

  test('what became a record while it was planned or put off is a record when it is let go, in whatever way', () => {
    const one = paused();
    const [alone, withAll, late] = [heldAs(one, 'staged'), made(one, 'too', { staged: true }), heldAs(one, 'deferred')];
    for (const beadId of [alone, withAll, late]) one.town.must({ kind: 'bead.update', beadId, workKind: 'message' });
    const born = made(one, 'born', { staged: true, workKind: 'role' });
    expect([alone, withAll, late, born].map((id) => one.bead(id).hold)).toEqual(['staged', 'staged', 'deferred', 'staged']);
    const work = made(one, 'work after all', { staged: true, workKind: 'role' });
    one.town.must({ kind: 'bead.update', beadId: work, workKind: 'task' });
    expect(one.bead(work).hold).toBe('staged');
    one.town.must({ kind: 'bead.set_status', beadId: work, status: 'closed' });
    one.town.must({ kind: 'bead.start', beadId: alone });
    one.town.must({ kind: 'bead.start', rigId: one.rigId });
    one.town.must({ kind: 'bead.defer', beadId: late, until: one.town.now + 1_000 });
    one.town.sleep(1_000);
    one.town.must({ kind: 'town.resume' });
    for (const id of [alone, withAll, late, born]) expect(one.bead(id)).toMatchObject({ status: 'open', hold: 'not_work' });
    expect(one.town.rows().runs).toEqual([]);
  });

  test('a bead that only its planned convoy holds is refused; of one that holds itself besides, that ends (CV-16)', () => {
    const one = paused();
    const [staged, deferred, dated] = [
      heldAs(one, 'staged'),
      heldAs(one, 'deferred'),
      made(one, 'dated', { deferUntil: one.town.now + 500 }),
    ];
    const { convoyId, beadIds } = make(one, ['A'], { staged: true, beadIds: [staged, deferred, dated] });
    for (const beadId of [staged, deferred, dated]) {
      expect(one.town.must({ kind: 'bead.start', beadId })).toEqual({ beadId });
      expect(one.bead(beadId)).toMatchObject({ hold: null, deferUntil: null, wait: { code: 'staged', ref: convoyId } });
    }
    for (const beadId of [staged, deferred, dated, beadIds.at(-1)!])
      expect(refused(one, { kind: 'bead.start', beadId })).toMatchObject({
        code: 'illegal_transition',
        message: `${beadId} is planned in the convoy ${convoyId}: start the convoy, or take the bead out of it.`,
        details: { beadId, convoyId },
      });
    one.town.must({ kind: 'convoy.start', convoyId });
    one.town.must({ kind: 'convoy.pause', convoyId });
    expect(one.town.must({ kind: 'bead.start', beadId: staged })).toEqual({ beadId: staged });
  });

  test('all that is planned in a rig lets go nothing else', () => {
    const one = paused();
    const ids = HOLDS.map((hold) => heldAs(one, hold));
    expect(one.town.must({ kind: 'bead.start', rigId: one.rigId })).toEqual({ started: 1 });
    expect(ids.map((id) => one.bead(id).hold)).toEqual([null, 'deferred', 'pinned', 'foreign', 'not_work']);
  });
});

test('to pin makes a note of a bead: no agent is sent to it, and it blocks nobody', () => {
  const one = story({ polecat: silentPolecat });
  one.town.must({ kind: 'town.pause' });
  const note = one.wish('note');
  const after = one.wish('after', { dependsOn: [note] });
  one.town.now += 5;
  expect(one.town.must({ kind: 'bead.pin', beadId: note })).toEqual({ beadId: note });
  expect(one.bead(note)).toMatchObject({ status: 'open', hold: 'pinned', updatedAt: one.town.now, wait: { code: 'held' } });
  expect(told(one, note)).toEqual([['held', 'Ada', { hold: 'pinned' }]]);
  one.town.must({ kind: 'town.resume' });
  expect([note, after].map((id) => one.bead(id).status)).toEqual(['open', 'in_progress']);
});

test('to unpin gives a note back as planned work, or as the record that it is; no agent is sent to it, whatever it was before (I10)', () => {
  const one = paused();
  const free = made(one, 'free');
  const record = made(one, 'a record', { workKind: 'gate' });
  for (const beadId of [free, record]) {
    one.town.must({ kind: 'bead.pin', beadId });
    expect(one.town.must({ kind: 'bead.unpin', beadId })).toEqual({ beadId });
    expect(refused(one, { kind: 'bead.unpin', beadId })).toMatchObject({ code: 'illegal_transition', details: { beadId } });
  }
  one.town.must({ kind: 'town.resume' });
  one.runner.work();
  expect(one.bead(free)).toMatchObject({ status: 'open', hold: 'staged', wait: { code: 'staged' } });
  expect(one.bead(record).hold).toBe('not_work');
  expect(one.town.rows().runs).toEqual([]);
});

test('a bead that is not there is neither put off, pinned, unpinned nor started', () => {
  const one = paused();
  for (const kind of ['bead.defer', 'bead.pin', 'bead.unpin', 'bead.start'] as const)
    expect(refused(one, { kind, beadId: NOBODY, ...(kind === 'bead.defer' && { until: null }) } as never)).toMatchObject(unknown(NOBODY));
});

describe('out of sight', () => {
  const over = () => {
    const one = paused();
    const [closed, failed, open] = [one.wish('closed'), one.wish('failed'), one.wish('open')];
    one.town.must({ kind: 'bead.set_status', beadId: closed, status: 'closed' });
    one.town.must({ kind: 'bead.set_status', beadId: failed, status: 'failed' });
    return { one, closed, failed, open };
  };
  const sight = (one: Story, ids: BeadId[]) => ids.map((id) => one.bead(id).archivedAt);

  test('goes what is closed or failed, once, and comes back, once; each tells one event (AR-1, AR-3, AR-4)', () => {
    const { one, closed, failed } = over();
    const both = [closed, failed];
    const first = one.town.now;
    expect(one.town.must({ kind: 'bead.archive', beadIds: both })).toEqual({ archived: 2 });
    one.town.now += 5;
    const rev = one.town.town.rev();
    expect(one.town.must({ kind: 'bead.archive', beadIds: both })).toEqual({ archived: 0 });
    expect(sight(one, both)).toEqual([first, first]);
    expect(one.town.must({ kind: 'bead.unarchive', beadIds: both })).toEqual({ unarchived: 2 });
    expect(one.town.must({ kind: 'bead.unarchive', beadIds: both })).toEqual({ unarchived: 0 });
    expect(sight(one, both)).toEqual([null, null]);
    expect(one.town.town.since(rev)).toMatchObject({ t: 'delta', drop: {} });
    expect(Object.keys((one.town.town.since(rev) as { drop: object }).drop)).toEqual([]);
    for (const id of both)
      expect(told(one, id).slice(1)).toEqual([
        ['archived', 'Ada', { archivedAt: first }],
        ['unarchived', 'Ada', { archivedAt: null }],
      ]);
  });

  test('goes nothing when one of them is alive or is not there (AR-1)', () => {
    const { one, closed, failed, open } = over();
    const answer = refused(one, { kind: 'bead.archive', beadIds: [closed, open] });
    expect(answer).toMatchObject({ code: 'illegal_transition', details: { beadId: open, from: 'open' } });
    expect(answer?.message).toBe(`Only what is closed or failed can be archived; ${open} is open.`);
    expect(refused(one, { kind: 'bead.archive', beadIds: [closed, NOBODY] })).toMatchObject(unknown(NOBODY));
    one.town.must({ kind: 'bead.archive', beadIds: [failed] });
    expect(refused(one, { kind: 'bead.unarchive', beadIds: [failed, NOBODY] })).toMatchObject(unknown(NOBODY));
    expect(sight(one, [closed, failed])).toEqual([null, one.town.now]);
  });

  test('goes all that is closed in one rig; of a wish that names beads too, these alone (AR-3)', () => {
    const { one, closed, failed, open } = over();
    const elsewhere = one.wish('elsewhere', { rigId: one.addRig('lib') });
    const named = one.wish('named');
    for (const beadId of [elsewhere, named]) one.town.must({ kind: 'bead.set_status', beadId, status: 'closed' });
    expect(one.town.must({ kind: 'bead.archive', beadIds: [named], closedIn: 'rg-00000000' as never })).toEqual({ archived: 1 });
    expect(one.town.must({ kind: 'bead.archive', closedIn: one.rigId })).toEqual({ archived: 1 });
    expect(sight(one, [closed, named, failed, open, elsewhere])).toEqual([one.town.now, one.town.now, null, null, null]);
    expect(refused(one, { kind: 'bead.archive', closedIn: 'rg-00000000' as never })).toMatchObject({
      code: 'unknown_rig',
      message: 'There is no rig rg-00000000.',
      details: { rigId: 'rg-00000000' },
    });
    expect(refused(one, { kind: 'bead.archive' })).toMatchObject({ code: 'invalid_input', details: { field: 'beadIds' } });
  });
});
