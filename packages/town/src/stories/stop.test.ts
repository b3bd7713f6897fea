import { HOME_RUNNER, NO_USAGE, type EffectValue, type RunnerEffect } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { addMachine, bad, good, sha, silentPolecat, story } from '../testing.ts';

type Tested = Extract<EffectValue, { kind: 'tested' }>;
type Land = Extract<RunnerEffect, { kind: 'merge.land' }>;

/** A person stops the whole town (I9): every agent at once, within one transaction, and nothing is lost. */
describe('a stopped town', () => {
  test('ends every run in the transaction of the stop, charges nothing, tells the runner, and refuses every model call', () => {
    const { wish, runner, bead, runsOf, town } = story({ polecat: silentPolecat });
    const ids = [wish('one'), wish('two')];
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    const live = town.rows().runs.filter((run) => run.state !== 'ended');
    expect(live).toHaveLength(3);
    town.must({ kind: 'town.stop' });
    expect(town.rows().runs.map((run) => run.state)).toEqual(['ended', 'ended', 'ended']);
    expect(runsOf(ids[0]!)[0]).toMatchObject({ endReason: 'stopped', failure: { code: 'town_stopped' } });
    expect(ids.map((id) => bead(id))).toMatchObject(Array(2).fill({ status: 'open', attempts: 0, wait: { code: 'town_stopped' } }));
    expect(new Set(town.take().map((due) => due.effect.kind))).toEqual(new Set(['run.stop']));
    for (const run of live) expect(town.town.modelPass(`s-${run.id}`)).toMatchObject({ ok: false, failure: { code: 'town_stopped' } });
    expect(town.rows().town[0]).toMatchObject({ stopped: true, paused: true });
  });

  test('nothing starts for a week, whoever asks; resumed, everything goes on with the agent that had it', () => {
    const { wish, runner, bead, runsOf, town } = story({ polecat: silentPolecat });
    const id = wish('one');
    runner.work();
    town.must({ kind: 'town.stop' });
    const before = runner.starts.length;
    town.must({ kind: 'mayor.tell', text: 'are you there?' });
    expect(town.person({ kind: 'mayor.restart' })).toMatchObject({ ok: false, failure: { code: 'town_stopped' } });
    const later = wish('two');
    town.must({ kind: 'town.pause' });
    runner.work();
    town.sleep(7 * 86_400_000, () => runner.work());
    expect(runner.starts).toHaveLength(before);
    expect(bead(later).wait?.code).toBe('town_stopped');
    expect(town.town.nextWake()).toBeNull();
    runner.script.polecat = (r, start) => r.turn(start, null, null, () => void r.done(start));
    town.must({ kind: 'town.resume' });
    runner.work();
    expect([bead(id).status, bead(later).status]).toEqual(['closed', 'closed']);
    expect(new Set(runsOf(id).map((run) => run.agentId)).size).toBe(1);
    expect(
      town
        .rows()
        .nudges.filter((nudge) => nudge.source !== 'town')
        .map((nudge) => nudge.state),
    ).toEqual(['delivered']);
  });

  test('a merge result of whose test nothing was heard any more goes back in line; one with a runner that is there is tested (I5)', () => {
    const one = story({ 'merge.test': () => null });
    const ids = [one.wish('lost'), one.wish('there', { rigId: one.addRig('lib') })];
    const machine = addMachine(one, 'laptop', { rigs: [one.bead(ids[1]!).rigId!], script: { 'merge.test': () => null } });
    one.runner.work();
    const phases = () => ids.map((id) => one.mergeOf(id).phase);
    expect(ids.map((id) => one.mergeOf(id).runnerId)).toEqual([HOME_RUNNER, machine.id]);
    expect(phases()).toEqual(['testing', 'testing']);
    one.runner.gone();
    one.town.must({ kind: 'town.stop' });
    expect(phases()).toEqual(['queued', 'testing']);
  });

  test('during a start: the start that has not left is taken back; the one that left is stopped when its runner has it', () => {
    const { wish, runner, bead, town } = story({ 'run.start': () => null });
    const left = wish('left');
    runner.work();
    town.must({ kind: 'rig.update', rigId: bead(left).rigId!, maxPolecats: 5 });
    const waiting = wish('waiting');
    town.must({ kind: 'town.stop' });
    expect(town.take().map((due) => due.effect.kind)).toEqual(['run.stop']);
    expect(town.rows().runs.every((run) => run.state === 'ended')).toBe(true);
    expect([bead(left), bead(waiting)].map((row) => [row.status, row.attempts])).toEqual([
      ['open', 0],
      ['open', 0],
    ]);
  });

  test('during a turn: what its agent says afterwards changes nothing, its messages wait and are told as said again', () => {
    const { wish, runner, bead, town } = story({ polecat: (r, start) => r.turn(start) });
    const id = wish('one');
    let prompted = 0;
    runner.script.prompt = (r, prompt) => {
      prompted += 1;
      r.report({ kind: 'turn.started', runId: prompt.runId, generation: prompt.generation, nudgeId: prompt.nudgeId });
    };
    runner.work();
    const start = runner.starts[0]!;
    town.must({ kind: 'agent.nudge', agentId: start.agentId, text: 'use tabs' });
    town.must({ kind: 'town.stop' });
    expect(runner.done(start)).toMatchObject({ ok: false, failure: { code: 'run_over' } });
    runner.report({ kind: 'turn.ended', runId: start.runId, generation: start.generation, stopReason: 'end_turn', failure: null });
    expect(bead(id)).toMatchObject({ status: 'open', attempts: 0 });
    expect(town.rows().nudges.find((nudge) => nudge.text === 'use tabs')?.state).toBe('pending');
    town.sleep(86_400_000, () => runner.work());
    expect(town.rows().nudges.find((nudge) => nudge.text === 'use tabs')?.state).toBe('pending');
    const before = prompted;
    town.must({ kind: 'town.resume' });
    runner.work();
    expect(prompted).toBeGreaterThan(before);
  });

  test('during a test of a merge: it may finish, its result is not landed; resumed, it is built again and lands', () => {
    const { wish, runner, bead, mergeOf, town } = story({ 'merge.test': () => null });
    const id = wish('one');
    runner.work();
    const testing = town.handed.find((due) => due.effect.kind === 'merge.test')!;
    town.must({ kind: 'town.stop' });
    expect(mergeOf(id).phase).toBe('testing');
    const tested: Tested = { kind: 'tested', passed: true, baseCommit: sha('base'), mergeCommit: sha('m'), gates: [], failure: null };
    runner.report({ kind: 'outcome', effectId: testing.effectId, outcome: good(tested) });
    runner.work();
    expect(mergeOf(id).phase).toBe('queued');
    expect(bead(id).wait?.code).toBe('town_stopped');
    expect(town.handed.filter((due) => due.effect.kind === 'merge.land')).toEqual([]);
    runner.script['merge.test'] = () => good(tested);
    town.must({ kind: 'town.resume' });
    runner.work();
    expect(bead(id).status).toBe('closed');
  });

  test('during a landing that has left: it may finish; one that is to be tried again goes back in line', () => {
    const finish = story({ 'merge.land': () => null });
    const id = finish.wish('one');
    finish.runner.work();
    const land = finish.town.handed.find((due) => due.effect.kind === 'merge.land')!;
    finish.town.must({ kind: 'town.stop' });
    finish.runner.report({
      kind: 'outcome',
      effectId: land.effectId,
      outcome: good({ kind: 'landed', mergeCommit: (land.effect as Land).mergeCommit }),
    });
    expect(finish.bead(id).status).toBe('closed');

    const again = story({ 'merge.land': () => null });
    const other = again.wish('one');
    again.runner.work();
    const tried = again.town.handed.find((due) => due.effect.kind === 'merge.land')!;
    again.town.must({ kind: 'town.stop' });
    again.runner.report({ kind: 'outcome', effectId: tried.effectId, outcome: bad('push_refused', true) });
    expect(again.mergeOf(other).phase).toBe('queued');
    again.town.sleep(86_400_000, () => again.runner.work());
    expect(again.town.handed.filter((due) => due.effect.kind === 'merge.land')).toHaveLength(1);
  });

  test('during a landing of which nothing was heard before the link was cut: it is asked for again, and what is on main counts (I4)', () => {
    const { wish, runner, town, bead, mergeOf } = story({ 'merge.land': () => null });
    const id = wish('one');
    runner.work();
    runner.script['merge.land'] = ({ mergeCommit }) => good({ kind: 'landed', mergeCommit });
    town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: runner.instance });
    town.must({ kind: 'town.stop' });
    town.must({ kind: 'bead.set_status', beadId: id, status: 'open' });
    expect(mergeOf(id).phase).toBe('landing');
    runner.hello();
    runner.work();
    expect(mergeOf(id).phase).toBe('landed');
    expect(town.handed.filter((due) => due.effect.kind === 'merge.land').map((due) => due.effectId)).toHaveLength(2);
    expect(bead(id).status).not.toBe('failed');
  });

  test('during a merge whose test has not left: it is taken back; resumed, it leaves once', () => {
    const { wish, runner, mergeOf, town } = story({ polecat: silentPolecat });
    const id = wish('one');
    runner.work();
    runner.done(runner.starts[0]!);
    expect(mergeOf(id).phase).toBe('testing');
    town.must({ kind: 'town.stop' });
    expect(mergeOf(id).phase).toBe('queued');
    town.must({ kind: 'town.resume' });
    expect(mergeOf(id).phase).toBe('testing');
    expect(town.sql.all(`SELECT id FROM outbox WHERE kind = 'merge.test'`)).toHaveLength(1);
  });

  test('a run that has handed in is done, not stopped', () => {
    const { wish, runner, runsOf, town } = story({
      polecat: (r, start) => (silentPolecat(r, start), void r.done(start)),
      'merge.test': () => null,
    });
    const id = wish('one');
    runner.work();
    town.must({ kind: 'town.stop' });
    expect(runsOf(id)).toMatchObject([{ state: 'ended', endReason: 'done', failure: null }]);
  });

  test('late spend is counted, and a limit that it reaches holds after the town is resumed', () => {
    const { wish, runner, bead, town } = story({ polecat: silentPolecat });
    const id = wish('one');
    runner.work();
    town.must({ kind: 'town.configure', budgetMicros: 10 });
    town.must({ kind: 'town.stop' });
    town.send({ kind: 'spend', runId: runner.starts[0]!.runId, usage: { ...NO_USAGE, costMicros: 10 }, model: 'm' });
    expect(bead(id).wait?.code).toBe('town_stopped');
    town.must({ kind: 'town.resume' });
    expect(bead(id).wait?.code).toBe('budget_spent');
  });

  test('stopping twice is stopping once; a pause is not a stop and a resume ends both', () => {
    const { town } = story();
    town.must({ kind: 'town.stop' });
    town.must({ kind: 'town.stop' });
    expect(town.rows().events.filter((event) => event.type === 'town_stopped')).toHaveLength(1);
    town.must({ kind: 'town.resume' });
    expect(town.rows().town[0]).toMatchObject({ stopped: false, paused: false });
    town.must({ kind: 'town.pause' });
    expect(town.rows().town[0]).toMatchObject({ stopped: false, paused: true });
    town.must({ kind: 'town.stop' });
    expect(town.rows().town[0]).toMatchObject({ stopped: true, paused: true });
  });
});
