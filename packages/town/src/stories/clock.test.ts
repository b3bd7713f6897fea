import { failure, LIMITS } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { addMachine, bad, good, runnerRow, silentPolecat, story, type Story } from '../testing.ts';

const HOURS = 3 * 3_600_000;

/** The clock is hours ahead while this happens, then it is put right, and the town is woken by what it planned. */
function ahead({ town }: Story, happens: () => void): void {
  town.now += HOURS;
  happens();
  town.now -= HOURS;
  town.send({ kind: 'wake' });
}
const MINUTE = 60_000;

/** A polecat that is silent for so long that a person was told, while its runner says that it lives. */
function told() {
  const one = story({ polecat: silentPolecat });
  const id = one.wish('A');
  one.runner.work();
  const { runId, generation } = one.runner.starts[0]!;
  let silentMs = 0;
  const renew = () => one.runner.report({ kind: 'renew', runs: [{ runId, generation, lastActivityAt: one.town.now - silentMs }] });
  const status = () => one.runner.report({ kind: 'status', runId, generation, statusLine: 'Reading the parser' });
  const pass = (ms: number): void => {
    for (const end = one.town.now + ms; one.town.now < end; renew()) {
      sleep(one, LIMITS.leaseRenewMs.value);
      silentMs += LIMITS.leaseRenewMs.value;
    }
  };
  const opened = () => ({
    escalations: one.town.rows().escalations.filter((asked) => asked.acknowledgedAt === null).length,
    triage: one.town.rows().triage.filter((asked) => asked.resolvedAt === null).length,
  });
  pass(62 * MINUTE);
  expect(opened()).toEqual({ escalations: 1, triage: 1 });
  return { one, id, renew, status, pass, opened };
}
const sleep = (one: Story, ms: number): void => one.town.sleep(ms, () => one.runner.work());

describe('a clock that was ahead and is put right', () => {
  test('leaves no lease behind that nobody keeps: who is silent is given up as always (I3)', () => {
    const one = story({ polecat: silentPolecat });
    const id = one.wish('A');
    ahead(one, () => one.runner.work());
    expect(one.runsOf(id)).toMatchObject([{ state: 'working' }]);
    sleep(one, LIMITS.leaseMs.value);
    expect(one.runsOf(id)[0]).toMatchObject({ state: 'ended', failure: { code: 'runner_lost' } });
  });

  test('and who is heard of keeps its run', () => {
    const one = story({ polecat: silentPolecat });
    const id = one.wish('A');
    ahead(one, () => one.runner.work());
    const { runId, generation } = one.runner.starts[0]!;
    for (let minutes = 0; minutes < 5; minutes += 1) {
      one.runner.report({ kind: 'renew', runs: [{ runId, generation, lastActivityAt: one.town.now }] });
      sleep(one, LIMITS.leaseRenewMs.value);
    }
    expect(one.runsOf(id)).toMatchObject([{ state: 'working' }]);
  });

  test('holds nothing back: a provider that wanted to wait is asked again', () => {
    const one = story({ polecat: silentPolecat });
    one.wish('A');
    one.runner.work();
    const { runId } = one.runner.starts[0]!;
    const model = { provider: 'anthropic', model: 'scripted-1' } as const;
    ahead(one, () => {
      const trouble = { kind: 'overload', until: null, message: 'Too much.' } as const;
      one.town.send({ kind: 'model.trouble', runId, model, since: one.town.now, trouble });
      expect(one.town.rows().town[0]?.modelHeld).not.toBeNull();
    });
    expect(one.town.rows().town[0]?.modelHeld).toBeNull();
  });

  test('nor starts that failed, of beads and of the Mayor', () => {
    let fails = true;
    const one = story({
      'run.start': () => (fails ? bad('dispatch_failed', true) : good({ kind: 'session', sessionId: 's', resumed: false, model: null })),
    });
    const ids = Array.from({ length: LIMITS.dispatchFailuresInARow.value }, (_, at) => one.wish(`bead ${at}`));
    one.town.must({ kind: 'mayor.tell', text: 'Hello.' });
    ahead(one, () => one.runner.work());
    fails = false;
    sleep(one, LIMITS.effectRetryCapMs.value);
    expect(ids.map((id) => one.bead(id).status)).toEqual(ids.map(() => 'closed'));
    expect(one.runner.starts.filter(({ context }) => context.agent.role === 'mayor')).toHaveLength(1);
  });

  test('and what was asked of a runner is asked again in time', () => {
    const one = story({ 'run.start': () => null });
    const id = one.wish('A');
    ahead(one, () => one.runner.work());
    sleep(one, LIMITS.startTimeoutMs.value);
    expect(one.runsOf(id)[0]).toMatchObject({ state: 'ended' });
  });

  test('A runner that was heard of then is found out when it hangs now', () => {
    const one = story({ polecat: silentPolecat });
    one.wish('A');
    one.runner.work();
    ahead(one, () => one.runner.alive());
    one.town.sleep(LIMITS.leaseMs.value + LIMITS.runnerDoubtMs.value + 1);
    expect(one.town.rows().events.map(({ type }) => type)).toContain('runner_wedged');
  });

  test('An agent that was heard of then is silent from now on, and asked as always (PT-3)', () => {
    const one = story({ polecat: silentPolecat });
    const id = one.wish('A');
    ahead(one, () => one.runner.work());
    const { runId, generation } = one.runner.starts[0]!;
    const shown = () => one.town.rows().agents.find((agent) => agent.id === one.runsOf(id)[0]!.agentId)?.lastActivityAt;
    expect(shown()).toBe(one.town.now);
    const lastActivityAt = one.town.now;
    for (const end = one.town.now + LIMITS.silenceNudgeMs.value; one.town.now < end;) {
      sleep(one, LIMITS.leaseRenewMs.value);
      one.runner.report({ kind: 'renew', runs: [{ runId, generation, lastActivityAt }] });
    }
    sleep(one, LIMITS.leaseRenewMs.value);
    expect(one.town.rows().nudges).toMatchObject([{ source: 'town' }]);
  });

  test('An agent of whose silence a person was told is silent still, and the question open; what is heard of it ends both (I10, PT-3)', () => {
    const { one, id, opened, renew } = told();
    one.town.now -= 10 * MINUTE;
    one.town.send({ kind: 'wake' });
    renew();
    one.town.now += 1;
    one.town.send({ kind: 'wake' });
    expect(opened()).toEqual({ escalations: 1, triage: 1 });
    expect(one.bead(id).wait?.code).toBe('agent_silent');
    one.town.now += MINUTE;
    one.runner.tool(one.runner.starts[0]!, 'checkpoint', { data: { step: 1 } });
    one.town.now += 1;
    one.town.send({ kind: 'wake' });
    expect(opened()).toEqual({ escalations: 0, triage: 0 });
    expect(one.bead(id).wait?.code).toBe('agent_working');
  });

  test('and one that was heard of after that works still (I10)', () => {
    const { one, id, status } = told();
    one.town.now += 5_000;
    status();
    expect(one.bead(id).wait?.code).toBe('agent_working');
    one.town.now -= HOURS;
    one.town.send({ kind: 'wake' });
    expect(one.bead(id).wait?.code).toBe('agent_working');
  });

  test('The ladder goes on from now: it is stopped no sooner than an hour later (PT-3)', () => {
    const { one, id, pass } = told();
    one.town.now -= HOURS;
    pass(59 * MINUTE);
    expect(one.runsOf(id)[0]).toMatchObject({ state: 'working' });
    pass(2 * MINUTE);
    expect(one.runsOf(id)[0]).toMatchObject({ state: 'ended', failure: { code: 'agent_stalled' } });
  });

  test('A machine that went then has no longer to come back than one that goes now', () => {
    const one = story();
    const machine = addMachine(one, 'laptop', { rigs: [one.rigId], script: { polecat: silentPolecat } });
    const id = one.wish('A');
    ahead(one, () => {
      one.runner.work();
      machine.gone();
    });
    sleep(one, LIMITS.runnerAwayMs.value);
    expect(one.runsOf(id)[0]).toMatchObject({ state: 'ended', failure: { code: 'runner_lost' } });
  });

  test('A machine that said then that it ends, and hangs, is found out as one that says so now', () => {
    const one = story();
    const machine = addMachine(one, 'laptop');
    ahead(one, () => machine.report({ kind: 'draining', graceMs: 30_000 }));
    one.town.sleep(LIMITS.drainMs.value + LIMITS.drainEndMs.value);
    expect(runnerRow(one, machine.id).failure).toMatchObject({ code: 'runner_wedged' });
  });

  test('Restarts of then do not count now: the container is not given up, and started at once for ever', () => {
    const one = story({ polecat: silentPolecat });
    let made = 0;
    const dies = () => {
      one.wish(`bead ${(made += 1)}`);
      sleep(one, LIMITS.effectRetryCapMs.value);
      one.runner.gone();
      one.town.send({ kind: 'container.observed', state: 'stopped', failure: failure('runner_lost') });
    };
    ahead(one, () => {
      for (let deaths = 0; deaths < LIMITS.runnerDeaths.value; deaths += 1) dies();
    });
    dies();
    expect(one.town.rows().escalations.filter(({ message }) => message.startsWith('The runner was restarted'))).toEqual([]);
  });

  test('What a person put off stays put off', () => {
    const one = story();
    one.town.must({ kind: 'town.pause' });
    const id = one.wish('A');
    one.town.must({ kind: 'bead.defer', beadId: id, until: one.town.now + 10 * HOURS });
    one.town.must({ kind: 'town.resume' });
    ahead(one, () => one.runner.work());
    sleep(one, HOURS);
    expect(one.bead(id)).toMatchObject({ status: 'open', wait: { code: 'deferred' } });
  });
});

describe('a town that could not look', () => {
  test('because its clock was behind for a moment: who was heard of keeps its run, at the end of it too', () => {
    const one = story({ polecat: silentPolecat });
    const id = one.wish('A');
    one.runner.work();
    const { runId, generation } = one.runner.starts[0]!;
    one.town.now -= HOURS;
    one.runner.report({ kind: 'renew', runs: [{ runId, generation, lastActivityAt: one.town.now }] });
    one.town.now += HOURS + 10_000;
    one.town.send({ kind: 'wake' });
    expect(one.runsOf(id)).toMatchObject([{ state: 'working' }]);
    sleep(one, LIMITS.leaseMs.value);
    expect(one.runsOf(id)[0]).toMatchObject({ state: 'ended', failure: { code: 'runner_lost' } });
  });

  test('because its machine slept: who held something has a lease to say that it still does', () => {
    const one = story({ polecat: silentPolecat });
    const id = one.wish('A');
    one.runner.work();
    one.town.now += HOURS;
    one.town.send({ kind: 'wake' });
    expect(one.runsOf(id)).toMatchObject([{ state: 'working' }]);
  });
});
