import type { DueEffect } from '../api.ts';
import { HOME_RUNNER, BeadId, LIMITS } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { remembering } from '../remembering.ts';
import { beadRowsOfFrame } from '../sync/beads.ts';
import { bad, replica, sortedTables as sorted, story, testTown } from '../testing.ts';
import { bring, line } from '../testing/bring.ts';

describe('the replica', () => {
  test('after any change the rows since the last revision make the same town as a snapshot (I17)', () => {
    let fails = 2;
    const { town, runner, wish, addRig } = story({ 'merge.land': () => (fails-- > 0 ? bad('target_moved') : bad('push_refused')) });
    const browser = replica();
    const same = () => {
      browser.pull(town);
      expect(browser.rows()).toEqual(sorted(town.rows()));
    };
    const performAndLook = (one: DueEffect): void => {
      runner.perform(one);
      same();
    };
    const perform = () => {
      for (let due = town.take(); due.length > 0; due = town.take()) for (const one of due) performAndLook(one);
    };
    same();
    const first = wish('one');
    const second = wish('two', { dependsOn: [first] });
    wish('three', { rigId: addRig('lib') });
    town.must({ kind: 'mayor.tell', text: 'hello' });
    same();
    perform();
    for (const command of [
      { kind: 'town.pause' },
      { kind: 'bead.set_status', beadId: first, status: 'failed' },
      { kind: 'bead.retry', beadId: first },
      { kind: 'town.configure', budgetMicros: 0 },
      { kind: 'town.resume' },
      { kind: 'town.configure', budgetMicros: null },
      { kind: 'bead.remove_dependency', beadId: second, dependsOn: first },
    ] as const) {
      town.must(command);
      same();
      perform();
    }
    town.sleep(3_600_000, perform);
    same();
  });

  test('the texts of beads in one frame have a bound: those of the newest travel, the others are asked for (P10)', () => {
    const { town, wish } = story({}, { check: false });
    town.must({ kind: 'town.pause' });
    const { rev } = town.town.snapshot();
    const long = LIMITS.bodyCharacters.value;
    const fits = Math.floor(LIMITS.frameTextCharacters.value / long);
    const ids = Array.from({ length: fits + 2 }, (_, n) => wish(`bead ${n}`, { body: 'x'.repeat(long) }));
    const short = wish('short', { body: 'y' });
    const none = wish('without a text');
    for (const { put } of [town.town.snapshot(), town.town.since(rev)]) {
      const texts = new Map(put.beads?.map((row) => [row.id, row.body === null ? null : row.body.length]));
      expect([texts.get(none), texts.get(short)]).toEqual([0, 1]);
      expect(ids.map((id) => texts.get(id))).toEqual([null, null, null, ...Array.from({ length: fits - 1 }, () => long)]);
    }
    expect(town.town.bead(ids[0]!)?.bead.body).toHaveLength(long);
    expect(town.town.since(town.town.rev() - 1).put.beads).toMatchObject([{ id: none, body: '' }]);
  });

  test('beads of a frame that are read page by page are not kept for the turn, and what all share is asked once (P10)', () => {
    const { town, wish } = story({}, { check: false });
    town.must({ kind: 'town.pause' });
    for (let n = 0; n * LIMITS.bodyCharacters.value <= LIMITS.frameTextCharacters.value; n += 1)
      wish(`long ${n}`, { body: 'x'.repeat(LIMITS.bodyCharacters.value) });
    for (let n = 0; n < 1_000; n += 1) wish(`bead ${n}`);
    const ids = town.sql.all('SELECT id FROM beads').map(({ id }) => String(id));
    const turn = remembering(town.sql);
    const rows = beadRowsOfFrame(turn, ids);
    const again = town.sql.measure(() => expect(beadRowsOfFrame(turn, ids)).toEqual(rows));
    // Of each page: beads, which are ready, dependencies, issues, merges, what they spent, and which of their rigs spent all.
    expect(again.statements).toBe(Math.ceil(ids.length / 500) * 7);
  });

  test('frames match the wire schema, and a far or foreign revision gets a snapshot', { timeout: 20_000 }, () => {
    const { town } = story({}, { check: false });
    expect(town.town.since(town.town.rev())).toMatchObject({ t: 'delta', put: {}, drop: {} });
    expect(town.town.since(town.town.rev() + 5).t).toBe('snapshot');
    expect(town.town.since(0).t).toBe('delta');
    for (let n = 0; n < 4_500; n += 1) town.must({ kind: 'town.rename', name: `n${n}` });
    expect(town.town.since(3).t).toBe('snapshot');
    expect(town.town.since(town.town.rev() - 4_000).t).toBe('delta');
    expect(town.sql.all('SELECT count(*) AS n FROM changes')[0]?.n).toBeLessThanOrEqual(4_096 + 128);
  });

  test(
    'a page that was away for 2,000 changes gets what changed, the events it shows among it, and not the town anew (P10)',
    { timeout: 20_000 },
    () => {
      const { town, wish, bead } = story({}, { check: false });
      town.must({ kind: 'town.pause' });
      const beads = Array.from({ length: 40 }, (_, place) => wish(`bead ${place}`));
      const rev = town.town.rev();
      for (let n = 0; n < 2_000; n += 1) {
        town.sleep(1);
        town.must({ kind: 'bead.update', beadId: beads[n % 20]!, title: `title ${n}` });
      }
      const frame = town.town.since(rev);
      expect(frame.t).toBe('delta');
      expect(frame.put.beads).toHaveLength(20);
      expect(frame.put.beads?.find((row) => row.id === beads[0])).toEqual(bead(beads[0]!));
      expect(frame.put.events).toEqual(town.rows().events);
      expect(frame).toMatchObject({ drop: {} });
    },
  );

  test('a pause of a town in which thousands wait reads their ids alone, and a page starts anew (I17)', { timeout: 30_000 }, () => {
    const { town, wish } = story({}, { check: false });
    town.must({ kind: 'town.pause' });
    for (let n = 0; n < 4_100; n += 1) wish(`bead ${n}`);
    const rev = town.town.rev();
    const cost = town.sql.measure(() => town.must({ kind: 'town.resume' }));
    expect(cost.rowsRead).toBeLessThan(4_100);
    const frame = town.town.since(rev);
    expect(frame.t).toBe('snapshot');
    expect(frame.put.beads?.filter((row) => row.wait?.code === 'town_paused')).toEqual([]);
  });

  test('a page that is opened after thousands of closed beads came by a file still says the title of what landed before (I17, DM-17)', () => {
    const one = story({}, { check: false });
    const landed = one.wish('landed before');
    one.runner.work();
    bring(
      one,
      Array.from({ length: 1_000 }, (_, n) => line({ id: `old-${n}`, title: `old ${n}`, status: 'closed' })),
    );
    expect(one.town.rows().merges.map((merge) => merge.beadId)).toContain(landed);
    expect(one.town.rows().beads.find((bead) => bead.id === landed)).toMatchObject({ title: 'landed before', status: 'closed' });
  });

  test('a snapshot says that it leaves out closed beads, apart from archived ones, and not what it shows for another reason', () => {
    const one = story({}, { check: false });
    one.wish('landed before');
    one.runner.work();
    const leftOut = () => one.town.town.snapshot().leftOut;
    const closed = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => line({ id: `old-${from + n}`, title: `old ${from + n}`, status: 'closed' }));
    expect(leftOut()).toEqual({ closed: false, archived: false });
    bring(one, closed(0, 500));
    expect(one.town.rows().beads).toHaveLength(501);
    expect(leftOut()).toEqual({ closed: false, archived: false });
    bring(one, closed(500, 501));
    expect(one.town.rows().beads).toHaveLength(501);
    expect(leftOut()).toEqual({ closed: true, archived: false });
    one.town.must({ kind: 'bead.archive', beadIds: [BeadId.parse('old-0')] });
    expect(one.town.rows().beads.filter(({ id }) => id === 'old-0')).toHaveLength(1);
    expect(leftOut()).toEqual({ closed: false, archived: false });
    for (let n = 0; n < LIMITS.feedEvents.value; n += 1) {
      one.town.sleep(1);
      one.town.must({ kind: n % 2 ? 'town.resume' : 'town.pause' });
    }
    expect(one.town.rows().beads.filter(({ id }) => id === 'old-0')).toEqual([]);
    expect(leftOut()).toEqual({ closed: false, archived: true });
  });

  test('it looks so far back and no further: behind that there may be more', { timeout: 30_000 }, () => {
    const one = story({}, { check: false });
    const closed = Array.from({ length: 3_000 }, (_, n) => line({ id: `old-${n}`, title: `old ${n}`, status: 'closed' }));
    bring(one, closed);
    expect(one.town.town.snapshot().leftOut).toEqual({ closed: true, archived: true });
  });

  test('two imports leave room in the feed for what was before them, in a snapshot and in what a page is sent of them (UI-12)', () => {
    const one = story({}, { check: false });
    const browser = replica();
    one.wish('landed before');
    one.runner.work();
    browser.pull(one.town);
    const before = one.town.rows().events;
    expect(before.length).toBeGreaterThan(5);
    for (const [name, size] of [
      ['few', 30],
      ['first', 1_078],
      ['second', 400],
    ] as const) {
      one.town.sleep(1_000);
      bring(
        one,
        Array.from({ length: size }, (_, n) => line({ id: `${name}-${n}`, title: `${name} ${n}`, status: 'closed' })),
      );
    }
    const { events } = one.town.rows();
    const of = (name: string) => events.filter(({ beadId }) => beadId?.startsWith(`${name}-`)).map(({ beadId }) => beadId);
    /** One of the newest is what the import tells of itself. */
    const most = LIMITS.feedEventsAtOnce.value - 1;
    const newest = (name: string, size: number) =>
      Array.from({ length: Math.min(size, most) }, (_, n) => `${name}-${n + Math.max(0, size - most)}`);
    expect([of('few'), of('first'), of('second')]).toEqual([newest('few', 30), newest('first', 1_078), newest('second', 400)]);
    const told = events.filter(({ type }) => type === 'imported').map(({ data: { created, updated, rigId } }) => [created, updated, rigId]);
    expect(told).toEqual([30, 1_078, 400].map((size) => [size, 0, one.rigId]));
    expect(events.slice(0, before.length)).toEqual(before);
    browser.pull(one.town);
    expect(browser.rows().events).toEqual(sorted(one.town.rows()).events);
    const { beads } = one.town.rows();
    expect(beads.some(({ title }) => title === 'landed before')).toBe(true);
  });

  test('a feed is full, and no fuller: what was done at once between other things takes its share (UI-12)', () => {
    const one = story({}, { check: false });
    const toggle = (times: number) => {
      for (let n = 0; n < times; n += 1) {
        one.town.sleep(1);
        one.town.must({ kind: n % 2 ? 'town.resume' : 'town.pause' });
      }
    };
    toggle(150);
    bring(
      one,
      Array.from({ length: 300 }, (_, n) => line({ id: `old-${n}`, title: `old ${n}`, status: 'closed' })),
    );
    toggle(100);
    const { events } = one.town.rows();
    const room = LIMITS.feedEvents.value - 100 - LIMITS.feedEventsAtOnce.value;
    const brought = events.slice(room, -100).map(({ beadId }) => beadId);
    const most = LIMITS.feedEventsAtOnce.value - 1;
    expect(brought).toEqual([...Array.from({ length: most }, (_, n) => `old-${300 - most + n}`), null]);
    expect(events.filter(({ beadId }) => beadId === null)).toHaveLength(room + 101);
    expect(events.map(({ id }) => id)).toEqual(events.map(({ id }) => id).toSorted((a, b) => a - b));
  });

  test('a command that changes nothing makes no revision', () => {
    const { town } = story();
    const rev = town.town.rev();
    town.send({ kind: 'wake' });
    town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: 'unknown' });
    expect(town.town.rev()).toBe(rev);
  });

  test('a store that a newer version wrote is refused (DM-18)', () => {
    const { sql } = testTown();
    sql.run('INSERT INTO schema_version (version) VALUES (99)');
    expect(() => testTown({ store: sql, create: null })).toThrow(/version 99/);
  });

  test('opening the same store again changes nothing', () => {
    const first = story();
    first.wish('x');
    const before = first.town.rows();
    expect(testTown({ store: first.town.sql, create: null }).rows()).toEqual(before);
  });
});
