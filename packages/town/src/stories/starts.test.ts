import { failure, HOME_RUNNER, LIMITS, type BeadId, type Report } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { addMachine, bad, good, replica, silentPolecat, sortedTables, story, type Script, type Story } from '../testing.ts';

const stops = ({ town }: Story) => town.handed.flatMap(({ effect }) => (effect.kind === 'run.stop' ? [effect.runId] : []));
const startsHanded = ({ town }: Story) =>
  town.handed.flatMap(({ effect, effectId }) => (effect.kind === 'run.start' ? [{ ...effect, effectId }] : []));
const startsOf = ({ town }: Story, beadId: BeadId): unknown =>
  town.sql.all('SELECT starts FROM issues WHERE bead_id = ?', beadId)[0]?.['starts'];
const leaseOf = ({ town }: Story, runId: string): unknown =>
  town.sql.all('SELECT lease_until FROM runs WHERE id = ?', runId)[0]?.['lease_until'];
const noSpace: Partial<Script> = { 'run.start': () => bad('setup_failed', true, 'no space left') };
const session = (model: string | null) => () => good({ kind: 'session', sessionId: 's-1', resumed: false, model });

describe('a start', () => {
  test('of which nothing is heard is given up, and the runner that may still be at it lets go of it (RC-35)', () => {
    const one = story({ 'run.start': () => null });
    const beadId = one.wish('Add X');
    one.runner.work();
    const [given] = startsHanded(one);
    one.town.sleep(LIMITS.startTimeoutMs.value, () => one.runner.work());
    expect(one.runsOf(beadId)[0]).toMatchObject({ id: given!.runId, state: 'ended', failure: { code: 'lease_expired' } });
    expect(stops(one)).toEqual([given!.runId]);
  });

  test('that is lost before it was a session is a failed start and no attempt (RC-17, RC-31)', () => {
    const one = story({ 'run.start': () => null });
    const beadId = one.wish('Add X');
    one.runner.work();
    const { runId, generation } = startsHanded(one)[0]!;
    one.runner.report({ kind: 'run.lost', runId, generation, failure: failure('agent_crashed', 'signal 11') });
    expect(one.bead(beadId)).toMatchObject({
      status: 'open',
      attempts: 0,
      wait: { code: 'retry_later' },
      failure: { message: 'signal 11' },
    });
    expect(startsOf(one, beadId)).toBe(1);
  });

  test('that is told as done, and not as a session, cannot work: it is not tried again (RC-18)', () => {
    const one = story({ 'run.start': () => good({ kind: 'none' }) });
    const beadId = one.wish('Add X');
    one.runner.work();
    expect(one.bead(beadId)).toMatchObject({
      status: 'failed',
      failure: {
        code: 'dispatch_failed',
        details: { code: 'setup_failed', starts: 1 },
        message: expect.stringContaining('without a session'),
      },
    });
    expect(startsHanded(one)).toHaveLength(1);
  });

  test('shows the model that it is asked with, whatever its session calls that; of a run from before that was kept, what its session said', () => {
    const modelsOf = (model: string | null) => {
      const one = story({ polecat: silentPolecat, 'run.start': session(model) });
      const beadId = one.wish('Add X');
      one.runner.work();
      const shown = () => one.runsOf(beadId)[0]?.model;
      const now = shown();
      one.town.sql.run('UPDATE runs SET model_config = NULL');
      return [now, shown()];
    };
    expect([modelsOf('haiku'), modelsOf(null)]).toEqual([
      ['scripted-1', 'haiku'],
      ['scripted-1', 'scripted-1'],
    ]);
  });

  test('that is told after its first turn began leaves the agent at work, with the lease that the turn gave it (I3, AG-7)', () => {
    const one = story({ 'run.start': () => null });
    const beadId = one.wish('Add X');
    one.runner.work();
    const [start] = startsHanded(one);
    one.runner.report({ kind: 'turn.started', runId: start!.runId, generation: start!.generation, nudgeId: null });
    const lease = leaseOf(one, start!.runId);
    one.town.now += 10_000;
    one.runner.report({ kind: 'outcome', effectId: start!.effectId, outcome: session(null)() });
    expect(one.runsOf(beadId)).toMatchObject([{ state: 'working' }]);
    expect(leaseOf(one, start!.runId)).toBe(lease);
  });

  test('that a person ends in the moment in which its time is over is let go of as well (RC-35)', () => {
    const one = story({ 'run.start': () => null });
    const beadId = one.wish('Add X');
    one.runner.work();
    const [given] = startsHanded(one);
    one.town.now += LIMITS.startTimeoutMs.value;
    one.town.must({ kind: 'agent.reset', agentId: given!.agentId });
    one.runner.work();
    expect(one.runsOf(beadId)).toMatchObject([{ id: given!.runId, state: 'ended', endReason: 'stopped' }, { state: 'starting' }]);
    expect(stops(one)).toEqual([given!.runId]);
    expect(one.town.sql.all('SELECT * FROM outbox WHERE target = ?', `run:${given!.runId}`)).toEqual([]);
  });

  const OVER = `UPDATE runs SET state = 'ended', end_reason = 'stopped'`;
  test.each([
    ['is over', OVER],
    ['is gone', 'DELETE FROM runs'],
  ])(
    'whose run %s, and nobody drew the consequence, ends with its outcome, or in time, and changes nothing of the run (RC-15, I8)',
    (_name, how) => {
      const broken = () => {
        const one = story({ 'run.start': () => null }, { check: false });
        one.wish('Add X');
        one.runner.work();
        one.town.sql.run(how);
        return { ...one, runs: () => one.town.sql.all('SELECT * FROM runs'), effects: () => one.town.sql.all('SELECT * FROM outbox') };
      };
      for (const outcome of [session('other-2')(), bad('setup_failed'), bad('runner_full', true)]) {
        const one = broken();
        const before = one.runs();
        one.runner.report({ kind: 'outcome', effectId: startsHanded(one)[0]!.effectId, outcome });
        expect([one.runs(), one.effects()]).toEqual([before, []]);
      }
      const one = broken();
      const before = one.runs();
      one.town.sleep(LIMITS.startTimeoutMs.value);
      expect([one.runs(), one.effects()]).toEqual([before, []]);
    },
  );

  test('for which there is no room after all, though its first turn began, has ended: it is not handed out again (CT-13, I2)', () => {
    const one = story({ 'run.start': () => null });
    const beadId = one.wish('Add X');
    one.runner.work();
    const { runId, generation, effectId } = startsHanded(one)[0]!;
    one.runner.report({ kind: 'turn.started', runId, generation, nudgeId: null });
    one.runner.report({ kind: 'outcome', effectId, outcome: bad('runner_full', true) });
    expect(one.runsOf(beadId)[0]).toMatchObject({ state: 'ended', failure: { code: 'runner_full' } });
    one.runner.work();
    expect(startsHanded(one).filter((start) => start.runId === runId)).toHaveLength(1);
  });

  test('has more time from when its runner says that it is at it (RC-35, I3)', () => {
    const one = story({ 'run.start': () => null });
    const beadId = one.wish('Add X');
    one.runner.work();
    const { runId, generation } = startsHanded(one)[0]!;
    one.town.sleep(LIMITS.startTimeoutMs.value - 1);
    one.runner.report({ kind: 'renew', runs: [{ runId, generation, lastActivityAt: one.town.now }] });
    one.town.sleep(LIMITS.startTimeoutMs.value - 1);
    expect(one.runsOf(beadId)).toMatchObject([{ state: 'starting' }]);
    one.town.sleep(1);
    expect(one.runsOf(beadId)[0]).toMatchObject({ state: 'ended' });
  });

  test('that goes out again after its link was lost goes out at once, whatever its runner says of the run (RC-35)', () => {
    const one = story({ 'run.start': () => null });
    one.wish('Add X');
    one.runner.work();
    one.runner.gone();
    one.runner.hello();
    const { runId, generation } = startsHanded(one)[0]!;
    one.runner.report({ kind: 'renew', runs: [{ runId, generation, lastActivityAt: one.town.now }] });
    one.runner.work();
    expect(startsHanded(one).map((start) => start.runId)).toEqual([runId, runId]);
  });

  test('that waits for room waits on, whatever its runner says of the run (CT-13)', () => {
    const one = story({ 'run.start': () => bad('runner_full', true) });
    one.wish('Add X');
    one.runner.work();
    const { runId, generation } = startsHanded(one)[0]!;
    one.runner.report({ kind: 'renew', runs: [{ runId, generation, lastActivityAt: one.town.now }] });
    one.runner.work();
    expect(startsHanded(one)).toHaveLength(1);
  });

  test('a message that hangs on its way goes out again in time, whatever its runner says of the run (RC-35, I8)', () => {
    const one = story({ polecat: (runner, start) => runner.turn(start), prompt: () => undefined });
    const { perform } = one.runner;
    const prompts = () => one.town.handed.filter(({ effect }) => effect.kind === 'run.prompt').length;
    one.runner.perform = (due) => (due.effect.kind === 'run.prompt' ? undefined : perform(due));
    one.wish('Add X');
    one.runner.work();
    expect(prompts()).toBe(1);
    const { runId, generation } = one.runner.starts[0]!;
    for (let past = 0; past < LIMITS.effectTimeoutMs.value; past += 10_000) {
      one.town.sleep(10_000, () => one.runner.work());
      one.runner.report({ kind: 'renew', runs: [{ runId, generation, lastActivityAt: one.town.now }] });
    }
    one.town.sleep(LIMITS.effectRetryCapMs.value, () => one.runner.work());
    expect(prompts()).toBeGreaterThan(1);
  });

  describe('that a runner may have begun and whose run ends', () => {
    const stopsFor = (one: Story) =>
      one.town.sql.all(`SELECT runner_id FROM outbox WHERE kind = 'run.stop'`).map((row) => row['runner_id']);
    const begun = (onMachine: boolean) => {
      const one = story({ 'run.start': () => null });
      const machine = onMachine ? addMachine(one, 'laptop', { script: { 'run.start': () => null } }) : one.runner;
      const beadId = one.wish('Add X');
      one.runner.work();
      const [run] = one.runsOf(beadId);
      expect(run!.runnerId).toBe(machine.id);
      return { ...one, machine, run: run! };
    };
    test.each([true, false])('is let go of by the runner that is there (machine: %s, RC-35)', (onMachine) => {
      const one = begun(onMachine);
      one.town.must({ kind: 'agent.reset', agentId: one.run.agentId });
      expect(stopsFor(one)).toEqual([one.machine.id]);
    });
    test('is let go of by the next runner of a container that is down (RC-35)', () => {
      const one = begun(false);
      one.town.send({ kind: 'container.observed', state: 'stopped', failure: null });
      one.town.must({ kind: 'agent.reset', agentId: one.run.agentId });
      expect(stopsFor(one)).toEqual([HOME_RUNNER]);
    });
    test('leaves nothing to be told to a machine that did not come back: it says itself what it has when it comes (RC-35)', () => {
      const one = begun(true);
      one.machine.gone();
      one.town.sleep(LIMITS.runnerAwayMs.value);
      expect(one.town.rows().runs.find(({ id }) => id === one.run.id)).toMatchObject({ state: 'ended', failure: { code: 'runner_lost' } });
      expect(stopsFor(one)).toEqual([]);
    });
  });

  test('that became a session is lost with the runner that has it, also before its first turn (RC-34)', () => {
    const one = story({ polecat: () => undefined });
    const beadId = one.wish('Add X');
    one.runner.work();
    one.runner.hello('another-runner');
    expect(one.runsOf(beadId)[0]).toMatchObject({ state: 'ended', failure: { code: 'runner_lost' } });
    expect(one.bead(beadId)).toMatchObject({ attempts: 0 });
  });

  test.each(['runner_full', 'runner_keeping'] as const)(
    'for which its runner is not ready (%s) is asked for ever later, and its bead says what it waits for and when it waits no longer (CT-13, I10, I17)',
    (code) => {
      let room = false;
      const one = story({ polecat: () => undefined, 'run.start': () => (room ? session(null)() : bad(code, true)) });
      const browser = replica();
      const shown = () => {
        browser.pull(one.town);
        expect(browser.rows()).toEqual(sortedTables(one.town.rows()));
        return one.bead(beadId).wait?.code;
      };
      const beadId = one.wish('Add X');
      expect(shown()).toBe('agent_starting');
      one.runner.work();
      expect(shown()).toBe(code);
      one.town.sleep(3_600_000, () => one.runner.work());
      expect(one.runsOf(beadId)).toHaveLength(1);
      /** Half a minute on average. */
      expect(startsHanded(one).length).toBeLessThan(160);
      expect(one.bead(beadId)).toMatchObject({ status: 'in_progress', attempts: 0 });
      expect(shown()).toBe(code);
      room = true;
      one.town.sleep(LIMITS.effectRetryCapMs.value, () => one.runner.work());
      expect(shown()).toBe('agent_starting');
    },
  );

  test.each([
    ['half an hour after the last one counts with it', 0, { status: 'failed', failure: { code: 'dispatch_failed' } }, 5],
    ['later than that counts from the beginning', 1, { status: 'open', wait: { code: 'retry_later' } }, 1],
  ])('that fails %s (RC-18, RC-33)', (_name, later, bead, starts) => {
    const one = story(noSpace);
    const beadId = one.wish('Add X');
    one.runner.work();
    while (startsOf(one, beadId) !== LIMITS.dispatchAttempts.value - 1) one.town.sleep(1_000, () => one.runner.work());
    one.town.must({ kind: 'town.pause' });
    const before = one.runsOf(beadId).at(-1)!;
    one.town.now = before.endedAt! + LIMITS.attemptsCoolDownMs.value + later;
    one.town.must({ kind: 'town.resume' });
    one.runner.work();
    expect(one.runsOf(beadId).at(-1)!.startedAt - before.endedAt!).toBe(LIMITS.attemptsCoolDownMs.value + later);
    expect(one.bead(beadId)).toMatchObject(bead);
    expect(startsOf(one, beadId)).toBe(starts);
  });
});

describe('a start whose runner is cut off again and again', () => {
  const hanging = () => {
    const one = story({ 'run.start': () => null });
    const beadId = one.wish('Add X');
    one.runner.work();
    const start = () => one.town.sql.all(`SELECT state, due_at - ? AS left FROM outbox WHERE kind = 'run.start'`, one.town.now);
    const cutOff = (ms: number, instance?: string): void => {
      one.runner.gone();
      one.town.sleep(ms);
      one.runner.hello(instance);
      one.runner.work();
    };
    return { ...one, beadId, start, cutOff };
  };

  test('and hangs is given up in its time: a link that flaps renews nothing, and time without a link does not count (I8, RC-35)', () => {
    const { town, beadId, runsOf, start, cutOff } = hanging();
    for (let left = LIMITS.startTimeoutMs.value; left > 10_000; left -= 10_000) {
      expect(start()).toEqual([{ state: 'sent', left }]);
      town.sleep(10_000);
      cutOff(1_000);
    }
    expect(runsOf(beadId)).toMatchObject([{ state: 'starting' }]);
    town.sleep(10_000);
    expect(runsOf(beadId)[0]).toMatchObject({ state: 'ended', failure: { code: 'lease_expired' } });
  });

  test('has all its time with another process of it, which begins it anew', () => {
    const { town, start, cutOff } = hanging();
    town.sleep(80_000);
    cutOff(1_000, 'another-instance');
    expect(start()).toEqual([{ state: 'sent', left: LIMITS.startTimeoutMs.value }]);
  });
});

describe('an agent that is not heard of any more', () => {
  const handedIn = () => {
    const one = story({ polecat: (runner, start) => (silentPolecat(runner, start), void runner.done(start)), 'merge.test': () => null });
    const beadId = one.wish('Add X');
    one.runner.work();
    expect(one.runsOf(beadId)).toMatchObject([{ state: 'working' }]);
    return { one, beadId };
  };

  test.each<[string, (one: Story) => void]>([
    ['its lease ends', ({ town }) => town.sleep(LIMITS.leaseMs.value)],
    ['its runner is gone', ({ runner }) => runner.hello('another-runner')],
    ['its container is down', ({ town }) => town.send({ kind: 'container.observed', state: 'stopped', failure: null })],
  ])('after it handed in is done when %s, and its work is tested once (I3, RC-34)', (_name, lost) => {
    const { one, beadId } = handedIn();
    lost(one);
    expect(one.runsOf(beadId)).toMatchObject([{ state: 'ended', endReason: 'done', failure: null }]);
    expect(one.bead(beadId)).toMatchObject({ status: 'in_review', attempts: 0 });
  });

  test('says for how long, when its lease ends', () => {
    const one = story({ polecat: silentPolecat });
    const beadId = one.wish('Add X');
    one.runner.work();
    one.town.sleep(LIMITS.leaseMs.value - 1);
    one.runner.alive();
    one.town.sleep(1);
    expect(one.runsOf(beadId)[0]?.failure).toMatchObject({ message: 'Nothing was heard of the agent for 90 seconds.' });
  });

  test('is stopped, and did not fail, when its container was put to rest while it had nothing to do (CT-7)', () => {
    const one = story();
    one.town.must({ kind: 'mayor.tell', text: 'hello' });
    one.runner.work();
    one.town.sleep(3_600_000, () => one.runner.work());
    expect(one.town.rows().runs).toMatchObject([{ state: 'ended', endReason: 'stopped', failure: null }]);
  });
});

describe('what travels to a page when a run changes (I17)', () => {
  /** Tables of which a row travels. */
  const travels = ({ town }: Story, act: () => void): string[] => {
    const rev = town.town.rev();
    act();
    const frame = town.town.since(rev);
    expect(frame).toMatchObject({ t: 'delta', drop: {} });
    expect('drop' in frame && Object.keys(frame.drop)).toEqual([]);
    return Object.entries(frame.put)
      .flatMap(([table, rows]) => (rows.length > 0 ? [table] : []))
      .toSorted();
  };

  test('no more than shows it: a bead’s row carries its whole text', () => {
    const one = story({ polecat: () => undefined });
    one.wish('Add X');
    one.runner.work();
    const { runId, generation } = one.runner.starts[0]!;
    const told = (report: Report) => travels(one, () => one.runner.report(report));
    expect(told({ kind: 'turn.started', runId, generation, nudgeId: null })).toEqual(['agents', 'beads', 'runs']);
    one.town.now += LIMITS.leaseRenewMs.value;
    expect(told({ kind: 'renew', runs: [{ runId, generation, lastActivityAt: one.town.now }] })).toEqual(['agents']);
    expect(told({ kind: 'status', runId, generation, statusLine: 'reading' })).toEqual(['agents']);
    expect(told({ kind: 'turn.ended', runId, generation, stopReason: 'end', failure: null })).toEqual(['agents', 'nudges', 'runs']);
  });

  test('the model that a session has, once it is known; of the Mayor’s session no bead', () => {
    const one = story({ 'run.start': () => null });
    one.wish('Add X');
    one.runner.work();
    const [start] = startsHanded(one);
    const outcome = session('other-2')();
    const learned = travels(one, () => one.runner.report({ kind: 'outcome', effectId: start!.effectId, outcome }));
    expect(learned).toEqual(['agents', 'runs']);
    expect(travels(one, () => one.town.must({ kind: 'mayor.tell', text: 'hello' }))).toEqual(['agents', 'nudges', 'runs']);
  });

  test('with a bead whose run begins its rig and the town: what they have busy changes', () => {
    const one = story();
    const busy = () => [one.town.rows().rigs[0]?.busyPolecats, one.town.rows().town[0]?.busyPolecats];
    expect(busy()).toEqual([0, 0]);
    expect(travels(one, () => one.wish('Add X'))).toEqual(expect.arrayContaining(['agents', 'beads', 'rigs', 'runs', 'town']));
    expect(busy()).toEqual([1, 1]);
  });
});
