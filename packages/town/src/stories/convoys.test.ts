import type { BeadId } from '@gastown/protocol';
import { explainConvoy } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { openTown } from '../town.ts';
import { convoy, make, tasks, type Made } from '../testing/convoys.ts';
import { bad, memorySql, silentPolecat, story, testTown, type Script, type Story } from '../testing.ts';

const events = (one: Story, type: string) => one.town.rows().events.filter((event) => event.type === type);
const statuses = (one: Story, ids: BeadId[]) => ids.map((id) => one.bead(id).status);
const goodStart: Script['run.start'] = ({ runId, model }) => ({
  state: 'succeeded',
  value: { kind: 'session', sessionId: `s-${runId}`, resumed: false, model },
});
const landings = (one: Story) => one.town.handed.filter((due) => due.effect.kind === 'merge.land').length;

/** The Mayor at work, with its tools. */
function withMayor(one: Story) {
  one.town.must({ kind: 'mayor.tell', text: 'hello' });
  one.runner.work();
  const run = one.runner.starts.find((start) => start.context.bead === null)!;
  return (tool: Parameters<Story['runner']['tool']>[1], args: unknown) => one.runner.tool(run, tool, args);
}

describe('a convoy', () => {
  test('lands once, when its last bead is closed, and not before (CV-7, CV-10, I11)', () => {
    const one = story();
    const { convoyId, beadIds, status } = make(one, ['A', 'B', 'C']);
    expect(status).toBe('open');
    expect(convoy(one, convoyId)).toMatchObject({ total: 3, closed: 0, failed: 0, landedAt: null, wait: null, createdBy: 'Ada' });
    one.runner.work();
    expect(statuses(one, beadIds)).toEqual(['closed', 'closed', 'closed']);
    expect(convoy(one, convoyId)).toMatchObject({ status: 'landed', closed: 3, landedAt: one.town.now });
    expect(events(one, 'convoy_landed')).toHaveLength(1);
    expect(landings(one)).toBe(3);
    one.town.send({ kind: 'wake' });
    expect(events(one, 'convoy_landed')).toHaveLength(1);
  });

  test('counts every change of a bead of it, also those that people make (CV-3)', () => {
    const one = story({ polecat: silentPolecat });
    const { convoyId, beadIds } = make(one, ['A', 'B']);
    const [a, b] = beadIds as [BeadId, BeadId];
    const counts = () => {
      const { status, closed, failed } = convoy(one, convoyId);
      return [status, closed, failed];
    };
    const set = (beadId: BeadId, status: 'closed' | 'failed' | 'open') => one.town.must({ kind: 'bead.set_status', beadId, status });
    set(a, 'failed');
    expect(counts()).toEqual(['open', 0, 1]);
    set(b, 'closed');
    expect(counts()).toEqual(['open', 1, 1]);
    set(a, 'closed');
    expect(counts()).toEqual(['landed', 2, 0]);
    set(b, 'open');
    expect(counts()).toEqual(['open', 1, 0]);
    set(b, 'closed');
    expect(counts()).toEqual(['landed', 2, 0]);
    expect([events(one, 'convoy_landed').length, events(one, 'convoy_reopened').length]).toEqual([2, 1]);
  });

  test('stays un-landed while one of its beads has failed, says which, and lands when that is mended (CV-11)', () => {
    const one = story({ 'run.start': (effect) => (effect.context.bead?.title === 'bad' ? bad('agent_unknown') : goodStart(effect)) });
    const { convoyId, beadIds } = make(one, ['good', 'bad']);
    one.runner.work();
    expect(statuses(one, beadIds)).toEqual(['closed', 'failed']);
    const row = convoy(one, convoyId);
    expect(row).toMatchObject({ status: 'open', closed: 1, failed: 1, wait: { code: 'blocked_by_failed', ref: beadIds[1] } });
    expect(explainConvoy(row, () => undefined)).toContain(`Blocked by failed bead ${beadIds[1]}`);
    one.runner.script['run.start'] = goodStart;
    one.town.must({ kind: 'bead.retry', beadId: beadIds[1]! });
    one.runner.work();
    expect(convoy(one, convoyId)).toMatchObject({ status: 'landed', failed: 0, wait: null });
  });

  test('is made of existing and new beads over several rigs, in the order given (CV-13)', () => {
    const one = story();
    const other = one.addRig('lib');
    const old = one.wish('old');
    const made = one.town.must<Made>({
      kind: 'convoy.create',
      title: 'two rigs',
      beadIds: [old],
      tasks: [...tasks(one.rigId, 'A'), { rigId: other, title: 'B', dependsOn: [0] }],
    });
    expect(made.beadIds[0]).toBe(old);
    expect(made.beadIds.map((id) => one.bead(id).convoyPlace)).toEqual([0, 1, 2]);
    expect(one.bead(made.beadIds[2]!)).toMatchObject({ rigId: other, dependsOn: [{ id: made.beadIds[1], type: 'blocks' }] });
    one.runner.work();
    expect(convoy(one, made.convoyId)).toMatchObject({ status: 'landed', total: 3 });
  });

  test('is written whole or not at all: a wrong rig, bead, place or circle, a twin, and the other merge mode refuse it (CV-2, DM-13)', () => {
    const one = story();
    const { rigId } = one;
    const before = one.town.sql.counts.rowsWritten;
    const refused = (more: object) => one.town.person({ kind: 'convoy.create', title: 'x', ...more } as never);
    const A = { rigId, title: 'A' };
    for (const [wish, code, says] of [
      [{}, 'invalid_input', 'at least one bead'],
      [{ tasks: [A, { rigId: 'rig-00000000', title: 'B' }] }, 'unknown_rig', 'tasks[1]'],
      [{ beadIds: ['gt-00000000'], tasks: [A] }, 'unknown_bead', 'gt-00000000'],
      [{ tasks: [A, { ...A, title: 'B', dependsOn: [2] }] }, 'invalid_input', 'tasks[1].depends_on[0]: there is no task 2'],
      [{ tasks: [{ ...A, dependsOn: [0] }] }, 'invalid_input', 'cannot depend on itself'],
      [
        {
          tasks: [
            { ...A, dependsOn: [1] },
            { ...A, title: 'B', dependsOn: [0] },
          ],
        },
        'dependency_cycle',
        '0, 1',
      ],
      [{ tasks: [A, A] }, 'duplicate_bead', '0 and 1'],
      [{ tasks: [A], mergeMode: 'review-then-land' }, 'invalid_input', 'not offered yet'],
    ] as const) {
      const answer = refused(wish);
      expect(answer).toMatchObject({ ok: false, failure: { code } });
      expect(!answer.ok && answer.failure.message).toContain(says);
    }
    expect(one.town.sql.counts.rowsWritten).toBe(before);
    expect(one.town.rows()).toMatchObject({ beads: [], convoys: [] });
  });

  test('a task may depend on a later one; the order of the list stays the order of the convoy', () => {
    const one = story();
    const { beadIds } = one.town.must<Made>({
      kind: 'convoy.create',
      title: 'x',
      tasks: [
        { rigId: one.rigId, title: 'last', dependsOn: [1] },
        { rigId: one.rigId, title: 'first' },
      ],
    });
    expect(beadIds.map((id) => one.bead(id).title)).toEqual(['last', 'first']);
    expect(one.bead(beadIds[0]!).dependsOn).toEqual([{ id: beadIds[1], type: 'blocks' }]);
    one.runner.work();
    expect(one.runner.starts.map((start) => start.context.bead?.title)).toEqual(['first', 'last']);
  });

  test('of equal priority and age, beads start in the order of their convoy, across rigs too (RC-13)', () => {
    const one = story();
    one.town.must({ kind: 'town.configure', maxPolecats: 1 });
    const other = one.addRig('lib');
    const [c, b, a] = [one.wish('c'), one.wish('b', { rigId: other }), one.wish('a')];
    one.town.must({ kind: 'convoy.create', title: 'order', staged: true, beadIds: [a, b, c] });
    for (const beadId of [a, b, c]) expect(one.bead(beadId).status).not.toBe('closed');
    const { id } = one.town.rows().convoys[0]!;
    one.town.must({ kind: 'convoy.start', convoyId: id });
    one.runner.work();
    const titles = one.runner.starts.map((start) => start.context.bead?.title);
    // What was already under way when the convoy was made goes on; the others follow in its order.
    expect(titles).toEqual(['c', 'a', 'b']);
  });

  test('a bead is in one convoy at most; a member is added again without effect', () => {
    const one = story({ polecat: silentPolecat });
    const first = make(one, ['A']);
    const second = make(one, ['B']);
    expect(one.town.person({ kind: 'convoy.add', convoyId: second.convoyId, beadIds: first.beadIds })).toMatchObject({
      ok: false,
      failure: { code: 'bead_in_convoy', details: { convoyId: first.convoyId } },
    });
    one.town.must({ kind: 'convoy.add', convoyId: first.convoyId, beadIds: first.beadIds });
    expect(convoy(one, first.convoyId).total).toBe(1);
    expect(
      one.town.person({ kind: 'bead.add_dependency', beadId: first.beadIds[0]!, dependsOn: second.beadIds[0]!, type: 'tracks' }),
    ).toMatchObject({
      ok: false,
    });
  });
});

describe('a staged convoy', () => {
  test('dispatches nothing for 20 ticks and a restart, whatever its beads are told, and starts exactly what it held (CV-14, CV-16)', () => {
    const store = memorySql();
    const one = story({}, { store });
    const { beadId: held } = one.town.must<{ beadId: BeadId }>({
      kind: 'bead.create',
      rigId: one.rigId,
      title: 'held by a person',
      staged: true,
    });
    const { convoyId, beadIds, status } = make(one, ['A', 'B'], { staged: true, beadIds: [held] });
    expect(status).toBe('staged');
    expect(one.bead(beadIds[1]!).wait).toEqual({ code: 'staged', ref: convoyId, until: null });
    const started = one.town.person({ kind: 'bead.start', beadId: beadIds[1]! });
    expect(started).toMatchObject({ ok: false, failure: { code: 'illegal_transition' } });
    for (let tick = 0; tick < 20; tick += 1) {
      one.town.now += 60_000;
      one.town.send({ kind: 'wake' });
      one.runner.work();
    }
    one.town.send({ kind: 'container.observed', state: 'stopped', failure: null });
    const again = testTown({ store, create: null });
    again.now = one.town.now + 1;
    expect(openTown(store).nextWake()).toBeNull();
    again.send({ kind: 'wake' });
    expect(again.rows().runs).toEqual([]);
    expect(again.rows().agents.filter((agent) => agent.role === 'polecat')).toEqual([]);

    expect(one.town.must({ kind: 'convoy.start', convoyId })).toEqual({ convoyId, status: 'open' });
    expect(events(one, 'convoy_started')).toHaveLength(1);
    one.runner.work();
    expect(statuses(one, beadIds)).toEqual(['open', 'closed', 'closed']);
    expect(one.bead(held).wait).toEqual({ code: 'staged', ref: null, until: null });
    one.town.must({ kind: 'bead.start', beadId: held });
    one.runner.work();
    expect(convoy(one, convoyId).status).toBe('landed');
  });

  test('starts what was planned before it joined only by a start of its own, all of the convoy at once, and nothing else (CV-16; issue, Build 6)', () => {
    const one = story();
    const plan = (title: string) =>
      one.town.must<{ beadId: BeadId }>({ kind: 'bead.create', rigId: one.rigId, title, staged: true }).beadId;
    const [first, second, elsewhere] = [plan('first'), plan('second'), plan('elsewhere')];
    const { convoyId, beadIds } = make(one, ['A'], { beadIds: [first, second] });
    one.town.must({ kind: 'bead.pin', beadId: second });
    one.runner.work();
    expect(statuses(one, beadIds)).toEqual(['open', 'open', 'closed']);
    expect(one.town.must({ kind: 'bead.start', convoyId })).toEqual({ started: 1 });
    one.runner.work();
    expect(statuses(one, [...beadIds, elsewhere])).toEqual(['closed', 'open', 'closed', 'open']);
    expect(one.bead(elsewhere).hold).toBe('staged');
  });

  test('is edited while it waits: texts, order, members; a bead taken out stays planned (CV-15, CV-26)', () => {
    const one = story();
    const { convoyId, beadIds } = make(one, ['A', 'B'], { staged: true });
    const [a, b] = beadIds as [BeadId, BeadId];
    one.town.must({ kind: 'bead.update', beadId: a, title: 'A2', priority: 'high' });
    one.town.must({ kind: 'bead.add_dependency', beadId: a, dependsOn: b });
    one.town.must({ kind: 'convoy.rename', convoyId, title: 'renamed' });
    const { beadIds: added } = one.town.must<Made>({ kind: 'convoy.add', convoyId, tasks: tasks(one.rigId, 'C') });
    one.town.must({ kind: 'convoy.remove', convoyId, beadId: b });
    one.runner.work();
    expect(convoy(one, convoyId)).toMatchObject({ title: 'renamed', status: 'staged', total: 2 });
    expect(one.bead(b)).toMatchObject({ convoyId: null, status: 'open', hold: 'staged', wait: { code: 'staged', ref: null } });
    one.town.must({ kind: 'convoy.start', convoyId });
    one.runner.work();
    expect(one.bead(added[0]!).status).toBe('closed');
    expect(one.bead(a)).toMatchObject({ status: 'open', wait: { code: 'blocked_by_open', ref: b } });
    one.town.must({ kind: 'bead.start', beadId: b });
    one.runner.work();
    expect(convoy(one, convoyId).status).toBe('landed');
  });

  test('is what a town makes when its setting says so and the maker does not (C2)', () => {
    const one = story();
    expect(make(one, ['A']).status).toBe('open');
    one.town.must({ kind: 'town.configure', stagedConvoysDefault: true });
    expect(make(one, ['B']).status).toBe('staged');
    expect(make(one, ['C'], { staged: false }).status).toBe('open');
  });

  test('does not land before it is started', () => {
    const one = story();
    const { convoyId, beadIds } = make(one, ['A'], { staged: true });
    one.town.must({ kind: 'bead.set_status', beadId: beadIds[0]!, status: 'closed' });
    expect(convoy(one, convoyId).status).toBe('staged');
    expect(one.town.must({ kind: 'convoy.start', convoyId })).toMatchObject({ convoyId });
    expect(convoy(one, convoyId).status).toBe('landed');
  });
});

describe('what ends a convoy', () => {
  test('a bead that is added to a landed convoy opens it again, and it lands again (CV-12)', () => {
    const one = story();
    const { convoyId } = make(one, ['A']);
    one.runner.work();
    one.town.must({ kind: 'convoy.archive', convoyId });
    expect(convoy(one, convoyId).archivedAt).not.toBeNull();
    one.town.must({ kind: 'convoy.add', convoyId, tasks: tasks(one.rigId, 'late') });
    expect(convoy(one, convoyId)).toMatchObject({ status: 'open', landedAt: null, archivedAt: null, total: 2 });
    one.runner.work();
    expect(convoy(one, convoyId).status).toBe('landed');
  });

  test('closing asks first, and by force closes its open beads with the reason and stops their agents (CV-22)', () => {
    const one = story({
      polecat: (runner, start) =>
        start.context.bead?.title === 'at work'
          ? silentPolecat(runner, start)
          : runner.turn(start, null, null, () => void runner.done(start)),
      'merge.test': () => null,
    });
    const { convoyId, beadIds } = one.town.must<Made>({
      kind: 'convoy.create',
      title: 'x',
      tasks: [...tasks(one.rigId, 'at work', 'handed in'), { rigId: one.rigId, title: 'waits', dependsOn: [0] }],
    });
    one.runner.work();
    expect(one.town.person({ kind: 'convoy.close', convoyId })).toMatchObject({
      ok: false,
      failure: { code: 'convoy_open', details: { open: 3, unlandedCommits: 1 } },
    });
    expect(one.town.must({ kind: 'convoy.close', convoyId, force: true })).toMatchObject({ status: 'cancelled', closed: 3 });
    expect(statuses(one, beadIds)).toEqual(['closed', 'closed', 'closed']);
    expect(convoy(one, convoyId)).toMatchObject({ status: 'cancelled', landedAt: null });
    expect(one.runsOf(beadIds[0]!).map((run) => [run.state, run.failure?.code])).toEqual([['ended', 'stopped_by_person']]);
    one.runner.work();
    expect(landings(one)).toBe(0);
    expect(events(one, 'closed').filter((event) => event.data['reason'] === 'convoy closed')).toHaveLength(3);
    expect(one.town.must({ kind: 'convoy.close', convoyId })).toMatchObject({ status: 'cancelled', closed: 0 });
  });

  test('a convoy that is over is archived with all its beads, one that is not is not (AR-3)', () => {
    const one = story();
    const { convoyId, beadIds } = make(one, ['A', 'B'], { staged: true });
    expect(one.town.person({ kind: 'convoy.archive', convoyId })).toMatchObject({ ok: false, failure: { code: 'convoy_open' } });
    one.town.must({ kind: 'convoy.start', convoyId });
    one.runner.work();
    expect(one.town.must({ kind: 'convoy.archive', convoyId })).toEqual({ archived: 3 });
    const all = () => [convoy(one, convoyId).archivedAt, ...beadIds.map((id) => one.bead(id).archivedAt)];
    expect(all()).toEqual([one.town.now, one.town.now, one.town.now]);
    expect(one.town.must({ kind: 'convoy.unarchive', convoyId })).toEqual({ unarchived: 3 });
    expect(all()).toEqual([null, null, null]);
    one.town.must({ kind: 'bead.archive', beadIds: [convoyId as never] });
    expect(all()).not.toContain(null);
    one.town.must({ kind: 'bead.unarchive', beadIds: [convoyId as never] });
    expect(all()).toEqual([null, null, null]);
  });

  test('taking its last open bead out lands it; without beads it stays open and says so (CV-24)', () => {
    const one = story({ polecat: silentPolecat });
    const { convoyId, beadIds } = make(one, ['A', 'B']);
    one.town.must({ kind: 'bead.set_status', beadId: beadIds[0]!, status: 'closed' });
    one.town.must({ kind: 'convoy.remove', convoyId, beadId: beadIds[1]! });
    expect(convoy(one, convoyId).status).toBe('landed');
    const empty = make(one, ['C']);
    one.town.must({ kind: 'convoy.remove', convoyId: empty.convoyId, beadId: empty.beadIds[0]! });
    expect(convoy(one, empty.convoyId)).toMatchObject({ status: 'open', total: 0, wait: { code: 'needs_person' } });
    expect(one.town.must({ kind: 'convoy.close', convoyId: empty.convoyId })).toMatchObject({ status: 'cancelled' });
  });
});

describe("the Mayor's tools for convoys", () => {
  test('a batch is slung whole, started, read, changed and closed (MY-6, CV-2, CV-16)', () => {
    const one = story();
    const call = withMayor(one);
    const batch = call('sling_batch', {
      rig_id: one.rigId,
      convoy_title: 'from the Mayor',
      staged: true,
      tasks: [{ title: 'A' }, { title: 'B', depends_on: [0], priority: 'high' }],
    });
    expect(batch).toMatchObject({ ok: true, value: { data: { status: 'staged' } } });
    const { convoy_id: id, bead_ids } = (batch.ok && (batch.value as { data: { convoy_id: string; bead_ids: string[] } }).data) as {
      convoy_id: string;
      bead_ids: string[];
    };
    const cycle = call('sling_batch', {
      rig_id: one.rigId,
      convoy_title: 'x',
      tasks: [
        { title: 'C', depends_on: [1] },
        { title: 'D', depends_on: [0] },
      ],
    });
    expect(cycle).toMatchObject({ ok: false, failure: { code: 'dependency_cycle' } });
    expect(call('list_convoys', {})).toMatchObject({
      value: { data: [{ convoy_id: id, why: 'Planned, not started: nothing of it is worked on.' }] },
    });
    expect(call('convoy_add_bead', { convoy_id: id, rig_id: one.rigId, title: 'E' })).toMatchObject({
      value: { data: { total: 3, status: 'staged' } },
    });
    expect(call('convoy_add_bead', { convoy_id: id })).toMatchObject({ ok: false, failure: { code: 'invalid_input' } });
    expect(call('convoy_update', { convoy_id: id, title: 'new title', merge_mode: 'review-then-land' })).toMatchObject({ ok: false });
    expect(call('convoy_update', { convoy_id: id, title: 'new title' })).toMatchObject({ ok: true });
    expect(call('convoy_remove_bead', { convoy_id: id, bead_id: bead_ids[1] })).toMatchObject({ value: { data: { total: 2 } } });
    expect(call('convoy_start', { convoy_id: id })).toMatchObject({ value: { data: { status: 'open' } } });
    expect(call('convoy_status', { convoy_id: id })).toMatchObject({
      value: { summary: expect.stringContaining('"new title" is open: 0 of 2 closed'), data: { beads: [{ title: 'A' }, { title: 'E' }] } },
    });
    expect(call('convoy_close', { convoy_id: id })).toMatchObject({ ok: false, failure: { code: 'convoy_open' } });
    expect(call('convoy_close', { convoy_id: id, force: true })).toMatchObject({ value: { data: { status: 'cancelled', closed: 2 } } });
    expect(call('list_convoys', { include_over: true })).toMatchObject({ value: { data: [{ status: 'cancelled' }] } });
  });

  test('a bead whose blocker landed starts in the same step (CV-19)', () => {
    const one = story();
    const { beadIds } = one.town.must<Made>({
      kind: 'convoy.create',
      title: 'x',
      tasks: [
        { rigId: one.rigId, title: 'A' },
        { rigId: one.rigId, title: 'B', dependsOn: [0] },
      ],
    });
    one.runner.script['merge.land'] = () => null;
    one.runner.work();
    const land = one.town.handed.find((due) => due.effect.kind === 'merge.land')!;
    const mergeCommit = land.effect.kind === 'merge.land' ? land.effect.mergeCommit : '';
    expect(one.runsOf(beadIds[1]!)).toEqual([]);
    one.runner.report({
      kind: 'outcome',
      effectId: land.effectId,
      outcome: { state: 'succeeded', value: { kind: 'landed', mergeCommit } },
    });
    expect(one.runsOf(beadIds[1]!).map((run) => run.state)).toEqual(['starting']);
  });
});

test('a convoy of 500 is paused and started with a few statements, and dispatch reads only what it starts (RC-12)', () => {
  const one = story({ polecat: silentPolecat }, { check: false });
  const { convoyId } = make(
    one,
    Array.from({ length: 100 }, (_, n) => `b${n}`),
    { staged: true },
  );
  for (let more = 1; more < 5; more += 1)
    one.town.must({ kind: 'convoy.add', convoyId, tasks: tasks(one.rigId, ...Array.from({ length: 100 }, (_, n) => `b${more}-${n}`)) });
  const pause = one.town.sql.measure(() => one.town.must({ kind: 'convoy.pause', convoyId }));
  const start = one.town.sql.measure(() => one.town.must({ kind: 'convoy.start', convoyId }));
  expect(Math.max(pause.statements, start.statements)).toBeLessThan(40);
  const other = one.wish('not in the convoy');
  const tick = one.town.sql.measure(() => one.runner.work());
  expect(one.runsOf(other).map((run) => run.state)).toEqual(['working']);
  expect(tick.rowsRead).toBeLessThan(400);
  expect(one.runner.starts).toHaveLength(1);
});
