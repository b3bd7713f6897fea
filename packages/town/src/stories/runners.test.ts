import { explainWait, failure, FromRunner, HOME_RUNNER, LIMITS, RunId, RunnerId, RUNS_OF_A_RUNNER, type RunRow } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import {
  addMachine,
  bad,
  good,
  handedTo,
  runnerRow,
  sha,
  silentPolecat,
  startsContainer,
  story,
  whereRan,
  type Story,
} from '../testing.ts';

const NOBODY = RunnerId.parse('rn-000000000000');
const HELLO = { t: 'hello' as const, protocol: 1 as const, agentKinds: ['kilo'] };
const madeUp = (n: number) => ({
  runId: RunId.parse(`run-${n.toString(16).padStart(12, '0')}`),
  generation: 1 as never,
  turnInFlight: false,
});
const stopsOf = ({ town }: Story, runnerId: RunnerId): number =>
  town.sql.all(`SELECT id FROM outbox WHERE kind = 'run.stop' AND runner_id = ?`, runnerId).length;
const code = (one: Story, command: Parameters<Story['town']['person']>[0]): string => {
  const answer = one.town.person(command);
  return answer.ok ? 'ok' : answer.failure.code;
};
const ref = ({ id, generation }: RunRow) => ({ runId: id, generation });
/** The container has had nothing to do for so long that it is stopped. */
function resting(one: Story): Story {
  one.town.sleep(3_600_000, () => one.runner.work());
  one.town.handed.length = 0;
  return one;
}

describe('runners of a town', () => {
  test('the container is one from the beginning; machines are added, changed, given new tokens and removed', () => {
    const one = story();
    expect(one.town.rows().runners).toMatchObject([{ id: HOME_RUNNER, kind: 'container', rigs: null, tokenSerial: null, connected: true }]);
    const added = one.town.must<{ runnerId: RunnerId; serial: number }>({
      kind: 'runner.add',
      name: 'laptop',
      rigs: [one.rigId],
      places: 2,
    });
    expect(added).toEqual({ runnerId: expect.stringMatching(/^rn-[0-9a-f]{12}$/), serial: 1 });
    expect(runnerRow(one, added.runnerId)).toMatchObject({
      kind: 'machine',
      rigs: [one.rigId],
      places: 2,
      connected: false,
      linkSince: null,
      busy: 0,
    });
    one.town.must({ kind: 'runner.update', runnerId: added.runnerId, name: 'desk', rigs: null, places: null, paused: true });
    expect(runnerRow(one, added.runnerId)).toMatchObject({ name: 'desk', rigs: null, places: null, paused: true });
    expect(one.town.must({ kind: 'runner.renew_token', runnerId: added.runnerId })).toEqual({ runnerId: added.runnerId, serial: 2 });
    expect([added.runnerId, HOME_RUNNER, NOBODY].map((id) => one.town.town.runnerSerial(id))).toEqual([2, 0, null]);
    one.town.must({ kind: 'runner.remove', runnerId: added.runnerId });
    expect(one.town.rows().runners.map(({ id }) => id)).toEqual([HOME_RUNNER]);
    expect(one.town.town.runnerSerial(added.runnerId)).toBeNull();
  });

  test('a name is there once, lists name rigs that are there, and the container is no machine (TL-4)', () => {
    const one = story();
    const { id: runnerId } = addMachine(one, 'laptop');
    expect(code(one, { kind: 'runner.add', name: 'LapTop' })).toBe('duplicate_runner');
    expect(code(one, { kind: 'runner.update', runnerId: HOME_RUNNER, name: 'laptop' })).toBe('duplicate_runner');
    expect(code(one, { kind: 'runner.update', runnerId, name: 'laptop' })).toBe('ok');
    expect(code(one, { kind: 'runner.add', name: 'x', rigs: ['rig-00000000' as never] })).toBe('unknown_rig');
    expect(code(one, { kind: 'runner.update', runnerId: NOBODY, paused: true })).toBe('unknown_runner');
    expect(code(one, { kind: 'runner.remove', runnerId: HOME_RUNNER })).toBe('runner_is_container');
    expect(code(one, { kind: 'runner.renew_token', runnerId: HOME_RUNNER })).toBe('runner_is_container');
    for (let n = 2; n <= LIMITS.runners.value; n += 1) one.town.must({ kind: 'runner.add', name: `m${n}` });
    expect(code(one, { kind: 'runner.add', name: 'one more' })).toBe('too_many_runners');
  });

  test('a rig that is removed is in no list any more', () => {
    const one = story();
    const other = one.addRig('other');
    const machine = addMachine(one, 'laptop', { rigs: [one.rigId, other] });
    one.town.must({ kind: 'rig.remove', rigId: other });
    expect(runnerRow(one, machine.id).rigs).toEqual([one.rigId]);
  });
});

describe('placing', () => {
  test('what a machine takes goes to it from the start to the landing, and starts no container (CT-7)', () => {
    const one = resting(story());
    const machine = addMachine(one, 'laptop');
    const id = one.wish('A');
    one.runner.work();
    expect(one.bead(id).status).toBe('closed');
    expect(whereRan(one, id)).toEqual([machine.id]);
    expect(one.mergeOf(id)).toMatchObject({ phase: 'landed', runnerId: machine.id });
    expect(handedTo(one, machine.id).toSorted()).toEqual(['branch.delete', 'merge.land', 'merge.test', 'run.start', 'run.stop']);
    expect(startsContainer(one)).toBe(false);
    expect(one.town.town.nextWake()).toBeNull();
  });

  test('a rig that a runner lists is taken by nobody else: it waits for its machine, says so, and goes when that comes (I10)', () => {
    const one = resting(story());
    const machine = addMachine(one, 'laptop', { rigs: [one.rigId], away: true });
    const id = one.wish('A');
    const says = () =>
      explainWait(one.bead(id), { town: undefined, rig: undefined, bead: () => undefined, runner: (of) => runnerRow(one, of as RunnerId) });
    one.town.sleep(3_600_000, () => one.runner.work());
    expect(one.bead(id)).toMatchObject({ status: 'open', wait: { code: 'runner_away', ref: machine.id } });
    expect(says()).toBe('Waits for the runner laptop, which was never connected.');
    expect(one.town.handed).toEqual([]);
    machine.hello();
    one.runner.work();
    expect(one.bead(id).status).toBe('closed');
    machine.gone();
    const next = one.wish('B');
    expect(one.bead(next).wait?.code).toBe('runner_away');
    one.town.must({ kind: 'runner.update', runnerId: machine.id, rigs: null });
    one.runner.work();
    expect(whereRan(one, next)).toEqual([HOME_RUNNER]);
  });

  test('a merge that its machine gave up waits for one as any work does, and is not told as being done there (I10)', () => {
    const one = story();
    let isLost = true;
    const tested = (mergeId: string) =>
      good({ kind: 'tested', passed: true, baseCommit: sha('base'), mergeCommit: sha(mergeId), gates: [], failure: null });
    const machine = addMachine(one, 'laptop', {
      rigs: [one.rigId],
      script: { 'merge.test': ({ mergeId }) => (isLost ? null : tested(mergeId)) },
    });
    const id = one.wish('A');
    one.runner.work();
    const says = () =>
      explainWait(one.bead(id), { town: undefined, rig: undefined, bead: () => undefined, runner: (of) => runnerRow(one, of as RunnerId) });
    machine.gone();
    expect(says()).toContain('nothing is heard of what is done there. If it is not back by');
    one.town.sleep(LIMITS.runnerAwayMs.value, () => one.runner.work());
    expect(one.bead(id)).toMatchObject({ status: 'in_review', wait: { code: 'runner_away', ref: machine.id, until: null } });
    expect(says()).toBe('Waits for the runner laptop, which is not connected.');
    isLost = false;
    machine.hello();
    one.runner.work();
    expect(one.bead(id).status).toBe('closed');
  });

  test('a runner that is full says so, the next one gets what it cannot take, and who waits goes when a place is free (I10)', () => {
    const one = story({ polecat: silentPolecat });
    const machine = addMachine(one, 'laptop', { rigs: [one.rigId], places: 1, script: { polecat: silentPolecat } });
    const [first, second] = [one.wish('A'), one.wish('B')];
    one.runner.work();
    expect(runnerRow(one, machine.id)).toMatchObject({ busy: 1, places: 1 });
    expect(one.bead(second).wait).toMatchObject({ code: 'runner_places', ref: machine.id });
    const [run] = one.runsOf(first);
    machine.report({ kind: 'run.lost', ...ref(run!), failure: failure('runner_drained') });
    expect(one.bead(second).status === 'in_progress' || one.bead(first).status === 'in_progress').toBe(true);
    one.town.must({ kind: 'runner.update', runnerId: machine.id, places: 2 });
    one.runner.work();
    expect([first, second].map((id) => one.bead(id).status)).toEqual(['in_progress', 'in_progress']);
  });

  test('one that is paused takes nothing new, what it has goes on, and its beads say for whom they wait (I10)', () => {
    const one = story();
    const machine = addMachine(one, 'laptop', { rigs: [one.rigId], script: { polecat: silentPolecat } });
    const first = one.wish('A');
    one.runner.work();
    one.town.must({ kind: 'runner.update', runnerId: machine.id, paused: true });
    const second = one.wish('B');
    one.runner.work();
    expect(one.bead(second).wait).toMatchObject({ code: 'runner_paused', ref: machine.id });
    expect(one.bead(first).wait?.code).toBe('agent_working');
    one.town.must({ kind: 'runner.update', runnerId: machine.id, paused: false });
    one.runner.work();
    expect(one.bead(second).status).toBe('in_progress');
  });

  test('a machine without the agent program of the town begins nothing, and tests merges all the same (AG-10, I10)', () => {
    const one = story();
    const machine = addMachine(one, 'laptop', { rigs: [one.rigId] });
    const landed = one.wish('A');
    one.runner.work();
    one.town.must({ kind: 'town.configure', agentKind: 'codex' });
    const id = one.wish('B');
    one.runner.work();
    expect(one.bead(id)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'runner_unfit', ref: machine.id } });
    expect(one.bead(landed).status).toBe('closed');
    one.town.must({ kind: 'runner.update', runnerId: machine.id, rigs: null });
    one.runner.work();
    expect(whereRan(one, id)).toEqual([HOME_RUNNER]);
    expect(one.mergeOf(id)).toMatchObject({ phase: 'landed', runnerId: machine.id });
  });

  test('a rig that nobody takes waits and says so', () => {
    const one = story();
    const other = one.addRig('other');
    one.town.must({ kind: 'runner.update', runnerId: HOME_RUNNER, rigs: [other] });
    const id = one.wish('A');
    one.runner.work();
    expect(one.bead(id)).toMatchObject({ status: 'open', wait: { code: 'no_runner', ref: one.rigId } });
  });

  test('what was not begun yet goes elsewhere when its runner takes the rig no longer, at no cost (RC-34)', () => {
    const one = resting(story());
    one.runner.script.container = () => null;
    const id = one.wish('A');
    one.runner.work();
    expect(whereRan(one, id)).toEqual([HOME_RUNNER]);
    const machine = addMachine(one, 'laptop', { rigs: [one.rigId] });
    one.runner.work();
    expect(whereRan(one, id)).toEqual([HOME_RUNNER, machine.id]);
    expect(one.bead(id)).toMatchObject({ status: 'closed', attempts: 0 });
  });

  test('a repository is looked at by who takes its rig; while nobody can, that is what its beads wait for (I10)', () => {
    const one = resting(story());
    const machine = addMachine(one, 'laptop');
    const rigId = one.addRig('other');
    expect(handedTo(one, machine.id)).toEqual(['rig.connect']);
    one.town.must({ kind: 'runner.update', runnerId: machine.id, rigs: [rigId] });
    machine.gone();
    one.town.must({ kind: 'rig.reconnect', rigId });
    const id = one.wish('A', { rigId });
    one.runner.work();
    expect(one.bead(id).wait).toMatchObject({ code: 'runner_away', ref: machine.id });
    machine.hello();
    one.runner.work();
    expect(one.bead(id).status).toBe('closed');
    expect(startsContainer(one)).toBe(false);
  });

  test('the Mayor is in the container, is told of the rigs that the container takes, and reads no others (MY-4, MY-9)', () => {
    const one = story();
    const other = one.addRig('other');
    addMachine(one, 'laptop', { rigs: [other] });
    one.town.must({ kind: 'mayor.tell', text: 'hello' });
    one.runner.work();
    const mayor = one.runner.starts.find((start) => start.context.agent.role === 'mayor')!;
    expect(mayor.context.rigs.map((rig) => rig.id)).toEqual([one.rigId]);
    expect(one.runner.tool(mayor, 'rig_browse', { rig_id: one.rigId })).toMatchObject({ ok: true });
    expect(one.runner.tool(mayor, 'rig_browse', { rig_id: other })).toMatchObject({ ok: false, failure: { code: 'rig_elsewhere' } });
    expect(one.runner.tool(mayor, 'list_rigs', {})).toMatchObject({
      ok: true,
      value: { data: [{ rig_id: one.rigId }, { rig_id: other }] },
    });
    expect(one.town.rows().runs.every((run) => run.runnerId === HOME_RUNNER)).toBe(true);
  });

  test('a runner has the credentials of what it takes, and of what it still has of before (I16)', () => {
    const one = story();
    const machine = addMachine(one, 'laptop', { script: { polecat: silentPolecat } });
    const other = one.addRig('other');
    const may = (rigId = one.rigId) => one.town.town.runnerMayUse(machine.id, rigId);
    const id = one.wish('A');
    one.runner.work();
    expect(whereRan(one, id)).toEqual([machine.id]);
    one.town.must({ kind: 'runner.update', runnerId: HOME_RUNNER, rigs: [one.rigId, other] });
    expect([may(), may(other)]).toEqual([true, false]);
    one.town.must({ kind: 'bead.set_status', beadId: id, status: 'closed' });
    one.runner.work();
    expect(may()).toBe(false);
    const runs = one.runsOf(id).map((run) => ({ ...ref(run), turnInFlight: false }));
    one.town.send({ kind: 'runner.hello', runnerId: machine.id, hello: { ...HELLO, instance: machine.instance, runs } });
    expect(stopsOf(one, machine.id)).toBe(1);
    expect(may()).toBe(false);
  });

  test('runs that a runner makes up cost the town a few stops at most, and none is put before a person (I16)', () => {
    const one = story();
    const machine = addMachine(one, 'laptop');
    machine.perform = ({ effectId }) => void machine.report({ kind: 'outcome', effectId, outcome: bad('internal', true) });
    for (const from of [0, 1, 2]) {
      const runs = Array.from({ length: RUNS_OF_A_RUNNER }, (_, at) => madeUp(from * 150 + at));
      const hello = { ...HELLO, instance: machine.instance, runs };
      expect(FromRunner.safeParse(hello).success).toBe(true);
      expect(FromRunner.safeParse({ ...hello, runs: [...runs, madeUp(9_999)] }).success).toBe(false);
      one.town.send({ kind: 'runner.hello', runnerId: machine.id, hello });
      expect(stopsOf(one, machine.id)).toBe(RUNS_OF_A_RUNNER);
    }
    one.town.sleep(3_600_000, () => one.runner.work());
    expect(one.town.sql.all('SELECT state FROM outbox')).toEqual([]);
    expect(one.town.rows().parked).toEqual([]);
  });
});

describe('each runner has a link of its own', () => {
  function two() {
    const one = story({ polecat: silentPolecat });
    const other = one.addRig('other');
    const machine = addMachine(one, 'laptop', { rigs: [other], script: { polecat: silentPolecat } });
    const [here, there] = [one.wish('A'), one.wish('B', { rigId: other })];
    one.runner.work();
    return {
      ...one,
      machine,
      here: one.runsOf(here)[0]!,
      there: one.runsOf(there)[0]!,
      run: (id: string) => one.town.rows().runs.find((row) => row.id === id)!,
    };
  }
  test('with numbers of its own: what one says does not move those of another (I18)', () => {
    const { town, runner, machine } = two();
    const seq = () => [town.town.runnerSeq(runner.id, runner.instance), town.town.runnerSeq(machine.id, machine.instance)];
    const [home, before] = seq();
    machine.alive();
    expect(seq()).toEqual([home, before! + 1]);
    expect(town.report(machine.instance, 99, { kind: 'renew', runs: [] }, machine.id)).toMatchObject({
      ok: false,
      failure: { code: 'invalid_input' },
    });
    expect(town.report(machine.instance, 1, { kind: 'renew', runs: [] })).toMatchObject({ ok: false, failure: { code: 'runner_lost' } });
  });
  test('what a runner says of runs, effects and calls of another is nothing (I2, I15)', () => {
    const { town, runner, machine, here, there, run } = two();
    machine.report({ kind: 'run.lost', ...ref(here), failure: failure('agent_crashed') });
    machine.report({ kind: 'turn.ended', ...ref(here), stopReason: 'end_turn', failure: failure('agent_crashed') });
    expect(machine.tool(ref(here), 'checkpoint', { data: { step: 1 } })).toMatchObject({ ok: false, failure: { code: 'unknown_run' } });
    town.must({ kind: 'agent.interrupt', agentId: here.agentId });
    const [due] = town.take();
    expect(due).toMatchObject({ runnerId: HOME_RUNNER });
    machine.report({ kind: 'outcome', effectId: due!.effectId, outcome: bad('unknown_run') });
    expect(town.sql.all('SELECT id FROM outbox WHERE id = ?', due!.effectId)).toHaveLength(1);
    const runs = [{ runId: here.id, generation: 9 as never, turnInFlight: true }];
    town.send({
      kind: 'runner.hello',
      runnerId: machine.id,
      hello: { t: 'hello', protocol: 1, instance: machine.instance, agentKinds: [], runs },
    });
    expect([run(here.id).state, run(there.id).state]).toEqual(['working', 'working']);
    runner.perform(due!);
    expect(run(here.id).state).toBe('working');
  });
  test('another process of one takes what that one had, and nothing of the others; so does its end', () => {
    const { town, runner, machine, here, there, run } = two();
    machine.hello('another-process');
    expect([run(here.id).state, run(there.id).failure?.code]).toEqual(['working', 'runner_lost']);
    runner.gone();
    town.send({ kind: 'container.observed', state: 'stopped', failure: null });
    expect(run(here.id).failure?.code).toBe('runner_lost');
    expect(runnerRow({ town } as Story, machine.id).connected).toBe(true);
  });
  test('one that is not there is refused, whatever it says, and nothing is written', () => {
    const { town, machine } = two();
    town.must({ kind: 'runner.remove', runnerId: machine.id });
    const hello = { t: 'hello', protocol: 1, instance: machine.instance, agentKinds: [], runs: [] } as const;
    expect(town.send({ kind: 'runner.hello', runnerId: machine.id, hello: { ...hello, agentKinds: [], runs: [] } })).toMatchObject({
      failure: { code: 'unknown_runner' },
    });
    expect(machine.report({ kind: 'renew', runs: [] })).toMatchObject({ failure: { code: 'unknown_runner' } });
    expect(town.send({ kind: 'runner.gone', runnerId: machine.id, instance: machine.instance })).toEqual({
      ok: true,
      value: { current: false },
    });
  });
});
