import { describe, expect, it } from 'vitest';
import { EventRow, type BeadRow, ServerFrame, type Delta, type Snapshot } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { Replica, selection, shallowEqual } from './store.ts';

const bead = (id: string, title: string) => aBead({ id, title });
const snapshot = (rev: number, beads: BeadRow[], epoch = 'e1'): Snapshot => ({
  t: 'snapshot',
  rev,
  epoch,
  put: { beads },
  leftOut: { closed: false, archived: false },
});
const delta = (rev: number, put: Delta['put'], drop: Delta['drop'] = {}, epoch = 'e1'): Delta => ({ t: 'delta', rev, epoch, put, drop });
const titles = (replica: Replica) => [...replica.rows('beads').values()].map((row) => row.title);

describe('the replica', () => {
  it('holds what a snapshot put, then what deltas changed and dropped', () => {
    const replica = new Replica();
    replica.apply(snapshot(1, [bead('gt-1', 'one'), bead('gt-2', 'two')]));
    replica.apply(delta(2, { beads: [bead('gt-2', 'second'), bead('gt-3', 'three')] }, { beads: ['gt-1'] }));
    expect(titles(replica)).toEqual(['second', 'three']);
    expect(replica.rev).toBe(2);
  });

  it('ignores a delta that is not newer than what it holds', () => {
    const replica = new Replica();
    replica.apply(snapshot(5, [bead('gt-1', 'new')]));
    replica.apply(delta(5, { beads: [bead('gt-1', 'old')] }));
    replica.apply(delta(4, {}, { beads: ['gt-1'] }));
    expect(titles(replica)).toEqual(['new']);
  });

  it('starts over when the epoch changed, even with a lower revision', () => {
    const replica = new Replica();
    replica.apply(snapshot(90, [bead('gt-1', 'one')]));
    replica.apply(snapshot(3, [bead('gt-9', 'nine')], 'e2'));
    expect(titles(replica)).toEqual(['nine']);
    expect(replica.rev).toBe(3);
    expect(replica.epoch).toBe('e2');
  });

  it('remembers what the last snapshot left out, over the deltas after it, and tells who asked (I17)', () => {
    const replica = new Replica();
    const left = selection(replica, ['beads'], ({ leftOut }) => leftOut.closed, shallowEqual);
    expect(left.get()).toBe(false);
    replica.apply({ ...snapshot(1, [bead('gt-1', 'one')]), leftOut: { closed: true, archived: false } });
    expect(left.get()).toBe(true);
    replica.apply(delta(2, { beads: [bead('gt-2', 'two')] }));
    expect(left.get()).toBe(true);
    replica.apply(snapshot(3, [bead('gt-1', 'one'), bead('gt-2', 'two')]));
    expect(left.get()).toBe(false);
  });

  it('finds a lent bead by its id and lists it nowhere; what a frame says of it is newer, and is what stays (DM-1, I17)', () => {
    const replica = new Replica();
    replica.apply(snapshot(1, [bead('gt-1', 'one')]));
    const told: (string | undefined)[] = [];
    replica.onRow('beads', 'gt-old', () => told.push(replica.row('beads', 'gt-old')?.title));
    replica.lend(bead('gt-old', 'long ago'));
    replica.lend(bead('gt-old', 'long ago'));
    replica.lend(bead('gt-1', 'older'));
    expect([replica.row('beads', 'gt-old')?.title, replica.row('beads', 'gt-1')?.title]).toEqual(['long ago', 'one']);
    expect([replica.holds('beads', 'gt-old'), replica.holds('beads', 'gt-1')]).toEqual([false, true]);
    expect(titles(replica)).toEqual(['one']);
    replica.apply(delta(2, { beads: [bead('gt-old', 'opened again')] }));
    replica.lend(bead('gt-old', 'long ago'));
    expect(told).toEqual(['long ago', 'opened again']);
    replica.apply(snapshot(3, [bead('gt-1', 'one')]));
    expect(replica.row('beads', 'gt-old')).toBeUndefined();
  });

  it('tells only the listeners of the row that changed', () => {
    const replica = new Replica();
    replica.apply(snapshot(1, [bead('gt-1', 'one'), bead('gt-2', 'two')]));
    const told: string[] = [];
    replica.onRow('beads', 'gt-1', () => told.push('gt-1'));
    replica.onRow('beads', 'gt-2', () => told.push('gt-2'));
    replica.apply(delta(2, { beads: [bead('gt-2', 'changed')] }));
    expect(told).toEqual(['gt-2']);
  });

  it('keeps the identity of a row whose content is the same after a reconnect', () => {
    const replica = new Replica();
    replica.apply(snapshot(1, [bead('gt-1', 'one'), bead('gt-2', 'two')]));
    const before = replica.row('beads', 'gt-1');
    const told: string[] = [];
    replica.onRow('beads', 'gt-1', () => told.push('gt-1'));
    replica.apply(snapshot(7, [bead('gt-1', 'one'), bead('gt-2', 'other')]));
    expect(replica.row('beads', 'gt-1')).toBe(before);
    expect(told).toEqual([]);
  });

  it('shows a frame whole: a listener that runs sees every table of it', () => {
    const replica = new Replica();
    const seen: (string | undefined)[] = [];
    replica.onTables(['beads'], () => seen.push(replica.row('events', 1)?.type));
    const event = EventRow.parse({
      id: 1,
      at: 1,
      type: 'created',
      beadId: 'gt-1',
      agentId: null,
      actor: 'You',
      before: null,
      after: null,
      data: {},
    });
    replica.apply(delta(1, { beads: [bead('gt-1', 'one')], events: [event] }));
    expect(seen).toEqual(['created']);
  });

  it('keeps the newest events of the feed only', () => {
    const replica = new Replica();
    const event = (id: number) =>
      EventRow.parse({ id, at: id, type: 'created', beadId: null, agentId: null, actor: 'You', before: null, after: null, data: {} });
    replica.apply(delta(1, { events: Array.from({ length: 230 }, (_, index) => event(index + 1)) }));
    expect(replica.rows('events').size).toBe(200);
    expect(replica.row('events', 30)).toBeUndefined();
    expect(replica.row('events', 230)?.id).toBe(230);
  });

  it('stops telling a listener that left', () => {
    const replica = new Replica();
    let told = 0;
    replica.onRow('beads', 'gt-1', () => {
      told += 1;
    })();
    replica.apply(snapshot(1, [bead('gt-1', 'one')]));
    expect(told).toBe(0);
  });

  it('refuses a frame that is not one, so that the page can say reload', () => {
    expect(ServerFrame.safeParse({ t: 'delta', rev: 'two', epoch: 'e1', put: {}, drop: {} }).success).toBe(false);
    expect(ServerFrame.safeParse(undefined).success).toBe(false);
  });
});

describe('a selection', () => {
  it('keeps its reference while its result is equal and changes it when not', () => {
    const replica = new Replica();
    replica.apply(snapshot(1, [bead('gt-1', 'one')]));
    const ids = selection(replica, ['beads'], (held) => [...held.rows('beads').keys()], shallowEqual);
    const first = ids.get();
    replica.apply(delta(2, { beads: [bead('gt-1', 'renamed')] }));
    expect(ids.get()).toBe(first);
    replica.apply(delta(3, { beads: [bead('gt-2', 'two')] }));
    expect(ids.get()).toEqual(['gt-1', 'gt-2']);
  });

  it('compares nested lists by their items', () => {
    const row = {};
    expect(shallowEqual({ needs: [row], n: 1 }, { needs: [row], n: 1 })).toBe(true);
    expect(shallowEqual({ needs: [row] }, { needs: [{}] })).toBe(false);
    expect(shallowEqual([1, 2], [1])).toBe(false);
  });
});
