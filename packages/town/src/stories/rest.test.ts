import { HOME_RUNNER, LIMITS } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { addMachine, silentPolecat, story, testTown, whereRan } from '../testing.ts';

const DAY = 86_400_000;

describe('rest and end', () => {
  test('a town in which nothing happens has no alarm: a day without a wake-up (P7, RC-4)', () => {
    const town = testTown();
    town.sleep(DAY);
    expect(town.wakes).toBe(0);
    expect(town.town.nextWake()).toBeNull();
  });

  test('after work the container stops when the town was quiet for five minutes, and then a day passes without an alarm (CT-7)', () => {
    const { wish, runner, town } = story();
    wish('Add X');
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    town.sleep(LIMITS.mayorIdleStopMs.value - 1, () => runner.work());
    expect(town.rows().town[0]?.container.state).toBe('running');
    town.sleep(1, () => runner.work());
    runner.work();
    expect(town.rows().town[0]?.container.state).toBe('stopped');
    expect(town.town.nextWake()).toBeNull();
    const wakes = town.wakes;
    town.sleep(DAY, () => runner.work());
    expect(town.wakes).toBe(wakes);
    expect(town.handed.filter((due) => due.effect.kind === 'container.stop')).toHaveLength(1);
  });

  test('the container stops while a machine works and says so all the time; a person at the page keeps it awake no longer either (CT-7)', () => {
    const one = story({ polecat: silentPolecat });
    const machine = addMachine(one, 'mini', { rigs: [one.rigId], script: { polecat: silentPolecat } });
    const id = one.wish('Add X');
    one.runner.work();
    const { town } = one;
    expect(whereRan(one, id)).toEqual([machine.id]);
    const container = () => town.rows().town[0]!.container;
    expect(container().state).toBe('running');
    const until = container().idleSince! + LIMITS.mayorIdleStopMs.value;
    for (let turn = 0; town.now < until - 20_000; turn += 1) {
      town.sleep(20_000, () => one.runner.work());
      const [run] = one.runsOf(id);
      machine.report({ kind: 'renew', runs: [{ runId: run!.id, generation: run!.generation, lastActivityAt: town.now }] });
      town.must({ kind: 'town.rename', name: `Testville ${turn}` });
    }
    expect(container().state).toBe('running');
    town.sleep(until - town.now, () => one.runner.work());
    expect(container().state).toBe('stopped');
    expect(one.runsOf(id)).toMatchObject([{ state: 'working' }]);
  });

  test('what the container does itself, a turn of the Mayor or an errand, keeps it awake for five minutes more (CT-7)', () => {
    const { town, runner, addRig } = story();
    const container = () => town.rows().town[0]!.container;
    town.sleep(LIMITS.mayorIdleStopMs.value - 1_000, () => runner.work());
    town.must({ kind: 'mayor.tell', text: 'hello' });
    expect(container()).toMatchObject({ state: 'running', idleSince: null });
    runner.work();
    expect(container().idleSince).toBe(town.now);
    town.sleep(LIMITS.mayorIdleStopMs.value - 1_000, () => runner.work());
    addRig('lib');
    town.sleep(LIMITS.mayorIdleStopMs.value - 1, () => runner.work());
    expect(container().state).toBe('running');
    town.sleep(1, () => runner.work());
    expect(container()).toMatchObject({ state: 'stopped', idleSince: null });
  });

  test('a Mayor that waits for an answer keeps no container awake, and nothing that the town does by itself touches one that sleeps (CT-8, P7)', () => {
    const { town, runner } = story();
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    expect(town.rows().agents.find(({ role }) => role === 'mayor')?.status).toBe('waiting');
    town.sleep(LIMITS.mayorIdleStopMs.value, () => runner.work());
    expect(town.rows().town[0]?.container.state).toBe('stopped');
    const handed = town.handed.length;
    town.must({ kind: 'town.rename', name: 'Elsewhere' });
    town.sleep(30 * DAY, () => runner.work());
    expect(town.handed.slice(handed)).toEqual([]);
    expect(town.rows().town[0]?.container.state).toBe('stopped');
  });

  test('a clock that was ahead when the container fell idle does not keep it awake (CT-7, P7)', () => {
    const { town, runner } = story();
    town.now += 30 * DAY;
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    town.now -= 30 * DAY;
    town.send({ kind: 'wake' });
    town.sleep(LIMITS.mayorIdleStopMs.value, () => runner.work());
    expect(town.rows().town[0]?.container.state).toBe('stopped');
  });

  test('a bead that waits for a person or for a setting costs no alarm', () => {
    const { wish, runner, town } = story();
    town.must({ kind: 'town.pause' });
    wish('Add X');
    town.sleep(600_000, () => runner.work());
    const wakes = town.wakes;
    town.sleep(DAY, () => runner.work());
    expect(town.wakes).toBe(wakes);
  });

  test('a deleted town lets go of everything, and nothing that arrives late brings it back (I14, DL-5)', () => {
    const { wish, runner, town } = story({ polecat: silentPolecat });
    wish('Add X');
    runner.work();
    const [start] = runner.starts;
    town.send({ kind: 'town.delete' });
    expect(town.take().map((due) => due.effect.kind)).toEqual(['container.stop']);
    expect(town.town.exists()).toBe(false);
    expect(town.town.modelPass(`s-${start!.runId}`)).toMatchObject({ ok: false, failure: { code: 'town_deleted' } });
    const late = [
      town.person({ kind: 'mayor.tell', text: 'hello?' }),
      runner.report({ kind: 'turn.ended', runId: start!.runId, generation: start!.generation, stopReason: 'end', failure: null }),
      runner.tool(start!, 'prime', {}),
      town.send({
        kind: 'runner.hello',
        runnerId: HOME_RUNNER,
        hello: { t: 'hello', protocol: 1, instance: 'late-runner', agentKinds: [], runs: [] },
      }),
      town.send({ kind: 'town.delete' }),
    ];
    for (const result of late) expect(result).toMatchObject({ ok: false, failure: { code: 'town_deleted' } });
    town.send({ kind: 'effect.outcome', effectId: town.handed.at(-1)!.effectId, outcome: { state: 'succeeded', value: { kind: 'none' } } });
    town.send({ kind: 'container.observed', state: 'stopped', failure: null });
    expect(town.town.nextWake()).toBeNull();
    town.sleep(DAY);
    expect(town.take()).toEqual([]);
  });

  test('a deleted town whose container never answers stops asking (I8, I14)', () => {
    const { wish, runner, town } = story({ polecat: silentPolecat });
    wish('Add X');
    runner.work();
    town.send({ kind: 'town.delete' });
    town.sleep(DAY);
    expect(town.town.nextWake()).toBeNull();
    expect(town.handed.filter((due) => due.effect.kind === 'container.stop').length).toBeLessThanOrEqual(10);
  });
});
