import { explainWait, HOME_RUNNER, LIMITS, type BeadId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { addMachine, bad, good, runnerRow, sha, silentPolecat, story, whereRan, type Story } from '../testing.ts';

const AWAY = LIMITS.runnerAwayMs.value;
/** The container has had nothing to do for so long that it is stopped. */
function resting(one: Story): Story {
  one.town.sleep(3_600_000, () => one.runner.work());
  one.town.handed.length = 0;
  return one;
}

describe('a merge that takes its machine down', () => {
  const ROUNDS = LIMITS.effectAttempts.value;
  const pinned = (kind: 'merge.test' | 'merge.land') => {
    const one = story();
    const machine = addMachine(one, 'laptop', { rigs: [one.rigId], script: { [kind]: () => null } });
    const id = one.wish('A');
    const goes = (began: boolean) => {
      if (began) one.runner.work();
      machine.gone();
      one.town.sleep(AWAY, () => one.runner.work());
      machine.hello();
    };
    return { ...one, machine, id, goes };
  };
  test.each(['merge.test', 'merge.land'] as const)('at its %s is given up after a while, and a person is asked once (I8)', (kind) => {
    const one = pinned(kind);
    for (let n = 1; n < ROUNDS; n += 1) one.goes(true);
    one.runner.work();
    expect(one.mergeOf(one.id)).toMatchObject({
      failure: { code: 'runner_lost', message: expect.stringContaining(`${ROUNDS - 1} runners in a row`), details: { losses: ROUNDS - 1 } },
    });
    one.goes(true);
    expect(one.mergeOf(one.id)).toMatchObject({ phase: 'failed', builds: ROUNDS, failure: { code: 'runner_unavailable' } });
    expect(one.town.rows().escalations).toMatchObject([{ beadId: one.id, severity: 'high' }]);
    expect(one.town.sql.all('SELECT kind FROM outbox')).toEqual([]);
    one.machine.script[kind] = (effect: { mergeId: string }) =>
      kind === 'merge.land'
        ? good({ kind: 'landed', mergeCommit: sha(`merge ${effect.mergeId}`) })
        : good({
            kind: 'tested',
            passed: true,
            baseCommit: sha('base'),
            mergeCommit: sha(`merge ${effect.mergeId}`),
            gates: [],
            failure: null,
          });
    one.town.must({ kind: 'merge.retry', mergeId: one.mergeOf(one.id).id });
    one.runner.work();
    expect(one.mergeOf(one.id)).toMatchObject({ phase: 'landed', failure: null });
    expect(one.bead(one.id)).toMatchObject({ status: 'closed', attempts: 0 });
  });
  test('is another matter than a machine that goes before it got it: that is counted by nobody', () => {
    const one = pinned('merge.test');
    one.runner.work();
    for (let n = 0; n < ROUNDS + 2; n += 1) one.goes(false);
    expect(one.mergeOf(one.id)).toMatchObject({
      phase: 'testing',
      failure: { message: expect.stringContaining('Its runner was lost'), details: { losses: 1 } },
    });
  });
});

describe('a machine that sleeps with its link open', () => {
  const DOUBTED = LIMITS.startTimeoutMs.value;
  const asleep = () => {
    const one = story();
    const rigs = [one.rigId, ...Array.from({ length: LIMITS.dispatchFailuresInARow.value - 1 }, (_, at) => one.addRig(`rig${at}`))];
    const machine = addMachine(one, 'laptop');
    const { perform } = machine;
    machine.perform = () => undefined;
    const ids = rigs.map((rigId, at) => one.wish(`B${at}`, { rigId }));
    one.runner.work();
    one.town.now += 1;
    return { ...one, machine, ids, wakes: () => void (machine.perform = perform) };
  };
  test('costs no bead a start, stops no town, and gets nothing more: another does it (RC-34, RC-20)', () => {
    const one = asleep();
    for (const id of one.ids) expect(whereRan(one, id)).toEqual([one.machine.id]);
    one.town.sleep(DOUBTED, () => one.runner.work());
    expect(one.town.rows().town[0]?.dispatchHeld).toBeNull();
    for (const id of one.ids) {
      expect(one.runsOf(id).map((run) => [run.runnerId, run.failure?.code ?? null])).toEqual([
        [one.machine.id, 'runner_lost'],
        [HOME_RUNNER, null],
      ]);
      expect(one.bead(id)).toMatchObject({ status: 'closed', attempts: 0 });
    }
    expect(one.town.sql.all('SELECT starts FROM issues WHERE starts > 0')).toEqual([]);
  });
  test('says so on what only it takes, and gets it as soon as it is heard of (I10)', () => {
    const one = asleep();
    one.town.must({ kind: 'runner.update', runnerId: one.machine.id, rigs: [one.rigId] });
    one.town.sleep(DOUBTED);
    const [id] = one.ids;
    expect(one.bead(id!)).toMatchObject({ status: 'open', wait: { code: 'runner_away', ref: one.machine.id } });
    const around = { town: undefined, rig: undefined, bead: () => undefined, runner: () => runnerRow(one, one.machine.id) };
    expect(explainWait(one.bead(id!), around)).toBe('Waits for the runner laptop, which does not answer.');
    one.wakes();
    one.machine.alive();
    one.runner.work();
    expect(one.bead(id!)).toMatchObject({ status: 'closed', attempts: 0 });
  });
});

describe('a container that does not start', () => {
  const broken = (polecat?: typeof silentPolecat) => {
    const one = resting(story());
    one.runner.script.container = (kind) => (kind === 'container.start' ? bad('container_failed') : good({ kind: 'none' }));
    const ids = [one.wish('A'), one.wish('B')];
    const fails = () => one.town.sleep(600_000, () => one.runner.work());
    const state = () => one.town.rows().town[0]?.container.state;
    return {
      ...one,
      ids,
      fails,
      state,
      join: (places: number) => addMachine(one, 'laptop', { places, ...(polecat && { script: { polecat } }) }),
    };
  };
  const ranAt = (one: Story, ids: readonly BeadId[]) => ids.map((id) => whereRan(one, id).at(-1));
  test('keeps nothing from a machine that joins, and of it as much as there are places for (RC-34)', () => {
    const one = broken(silentPolecat);
    one.fails();
    expect(one.state()).toBe('failed');
    const machine = one.join(1);
    one.runner.work();
    expect(ranAt(one, one.ids).toSorted()).toEqual([HOME_RUNNER, machine.id]);
    one.town.must({ kind: 'runner.update', runnerId: machine.id, places: 2 });
    one.runner.work();
    expect(ranAt(one, one.ids)).toEqual([machine.id, machine.id]);
    expect(one.ids.map((id) => one.bead(id))).toMatchObject([
      { status: 'in_progress', attempts: 0 },
      { status: 'in_progress', attempts: 0 },
    ]);
  });
  test('hands on what waits for it to a machine that is there, when it is given up (RC-34)', () => {
    const one = broken();
    const machine = addMachine(one, 'laptop');
    one.runner.work();
    expect(ranAt(one, one.ids)).toEqual([HOME_RUNNER, HOME_RUNNER]);
    one.fails();
    expect(ranAt(one, one.ids)).toEqual([machine.id, machine.id]);
    expect(one.ids.map((id) => one.bead(id).status)).toEqual(['closed', 'closed']);
  });
  test('nor does it keep the test of a merge (RC-34, I5)', () => {
    const one = story({ 'merge.test': () => null });
    const id = one.wish('A');
    one.runner.script.polecat = (runner, start) =>
      runner.turn(
        start,
        null,
        null,
        () => (void runner.done(start), runner.gone(), void one.town.send({ kind: 'container.observed', state: 'stopped', failure: null })),
      );
    one.runner.script.container = (kind) => (kind === 'container.start' ? bad('container_failed') : good({ kind: 'none' }));
    one.runner.work();
    one.town.sleep(600_000, () => one.runner.work());
    expect(one.mergeOf(id)).toMatchObject({ phase: 'testing', runnerId: HOME_RUNNER });
    const machine = addMachine(one, 'laptop');
    one.runner.work();
    expect(one.mergeOf(id)).toMatchObject({ phase: 'landed', runnerId: machine.id });
  });
});

describe('a runner that cannot begin what it is given', () => {
  const full = () => bad('runner_full', true);
  const counted = (one: Story) => one.town.sql.all('SELECT starts FROM issues WHERE starts > 0 OR attempts > 0');
  test.each(['runner_full', 'runner_keeping'] as const)(
    'that is not ready (%s) gives it up to another that has room, at no cost, and is asked again later (CT-13, RC-34)',
    (code) => {
      const one = story({ polecat: silentPolecat });
      const machine = addMachine(one, 'laptop', { script: { 'run.start': () => bad(code, true) } });
      const ids = [one.wish('A'), one.wish('B')];
      one.runner.work();
      for (const id of ids) expect(one.bead(id)).toMatchObject({ status: 'in_progress', wait: { code: 'agent_working' } });
      for (const id of ids) expect(whereRan(one, id)).toEqual([machine.id, HOME_RUNNER]);
      expect(counted(one)).toEqual([]);
      const later = one.wish('C');
      expect(whereRan(one, later)).toEqual([machine.id]);
    },
  );
  test('and no other has room: it waits, is not handed round and round, and begins where there is room first (CT-13)', () => {
    const one = story({ 'run.start': full });
    const machine = addMachine(one, 'laptop', { script: { 'run.start': full } });
    const id = one.wish('A');
    one.runner.work();
    expect(whereRan(one, id)).toEqual([machine.id, HOME_RUNNER]);
    expect(one.bead(id).wait?.code).toBe('runner_full');
    one.town.sleep(3_600_000, () => one.runner.work());
    expect(whereRan(one, id).length).toBeLessThan(12);
    machine.script['run.start'] = (effect) => good({ kind: 'session', sessionId: `s-${effect.runId}`, resumed: false, model: null });
    one.town.sleep(1_800_000, () => one.runner.work());
    expect(whereRan(one, id).at(-1)).toBe(machine.id);
    expect(one.bead(id)).toMatchObject({ status: 'closed', attempts: 0 });
    expect(counted(one)).toEqual([]);
  });
  test('because it lacks something fails no bead that another can begin, and opens no breaker (RC-18, RC-20)', () => {
    const one = story();
    const rigs = [one.rigId, ...Array.from({ length: LIMITS.dispatchFailuresInARow.value }, (_, at) => one.addRig(`rig${at}`))];
    const machine = addMachine(one, 'laptop', { script: { 'run.start': () => bad('setup_failed', false, 'pnpm: not found') } });
    const ids = rigs.map((rigId, at) => one.wish(`B${at}`, { rigId }));
    one.runner.work();
    for (const id of ids) {
      expect(whereRan(one, id)).toEqual([machine.id, HOME_RUNNER]);
      expect(one.bead(id)).toMatchObject({ status: 'closed', attempts: 0 });
    }
    expect(counted(one)).toEqual([]);
    expect(one.town.rows().town[0]?.dispatchHeld).toBeNull();
  });
  test('fails the bead as ever where it fails everywhere, or nobody else takes its rig (RC-18)', () => {
    const one = story({ 'run.start': () => bad('setup_failed', false, 'no such branch') });
    const machine = addMachine(one, 'laptop', { script: { 'run.start': () => bad('setup_failed', false, 'pnpm: not found') } });
    const everywhere = one.wish('A');
    one.runner.work();
    expect(whereRan(one, everywhere)).toEqual([machine.id, HOME_RUNNER]);
    expect(one.bead(everywhere)).toMatchObject({ status: 'failed', failure: { code: 'dispatch_failed' } });
    one.town.must({ kind: 'runner.update', runnerId: machine.id, rigs: [one.rigId] });
    const pinned = one.wish('B');
    one.runner.work();
    expect(whereRan(one, pinned)).toEqual([machine.id]);
    expect(one.bead(pinned)).toMatchObject({ status: 'failed', failure: { code: 'dispatch_failed' } });
  });
});
