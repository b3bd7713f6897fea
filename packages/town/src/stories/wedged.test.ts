import { failure, HOME_RUNNER, LIMITS } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { addMachine, bad, good, runnerRow, silentPolecat, story, type Story } from '../testing.ts';

const container = ({ town }: Story) => town.rows().town[0]!.container;
const stops = ({ town }: Story) => town.handed.filter(({ effect }) => effect.kind === 'container.stop').length;
/** The machine does what it is asked; each runner on it takes what it is given and says nothing. */
const silently =
  ({ town, runner }: Story) =>
  () => {
    for (let due = town.take(); due.length > 0; due = town.take())
      for (const one of due) if (one.target === 'container') runner.perform(one);
  };
const until = (one: Story, reached: () => boolean): void => {
  for (let second = 0; second < 2_000 && !reached(); second += 1) one.town.sleep(1_000, silently(one));
  expect(reached()).toBe(true);
};

describe('a runner that is connected and does not answer (CT-10, CT-17, I3)', () => {
  test('is restarted when it let a time limit pass and stayed silent a minute more; nobody is charged for it', () => {
    const one = story({ polecat: silentPolecat });
    const { wish, runner, town, bead } = one;
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    const id = wish('Add X');
    const began = town.now;
    silently(one)();
    until(one, () => stops(one) === 1);
    expect(town.now - began).toBe(LIMITS.startTimeoutMs.value + LIMITS.runnerDoubtMs.value);
    expect(town.rows().events.find(({ type }) => type === 'runner_wedged')).toBeDefined();
    runner.script.polecat = (r, start) => r.turn(start, null, null, () => void r.done(start));
    town.sleep(200_000, () => runner.work());
    expect(container(one)).toMatchObject({ state: 'running', failure: null });
    expect(bead(id)).toMatchObject({ attempts: 0, status: 'closed' });
  });

  test('a machine is nobody’s to restart: what it had goes on elsewhere, and it is said what to do at it (design/runner.md §5)', () => {
    const one = story({ polecat: silentPolecat });
    const machine = addMachine(one, 'laptop');
    one.wish('A');
    until(one, () => runnerRow(one, machine.id).failure !== null);
    expect(runnerRow(one, machine.id)).toMatchObject({
      connected: true,
      failure: { code: 'runner_wedged', next: expect.stringMatching(/^On that machine/) },
    });
    expect(stops(one)).toBe(0);
    const runs = one.town.rows().runs.filter(({ beadId }) => beadId !== null);
    const newest = runs.toSorted((a, b) => b.generation - a.generation).map(({ runnerId, failure: why }) => [runnerId, why?.code]);
    expect(newest.slice(0, 2)).toEqual([
      [HOME_RUNNER, undefined],
      [machine.id, 'runner_lost'],
    ]);
  });

  test('one that says anything, if only that it is at it, is left alone; so is one whose link is down', () => {
    const one = story({ 'merge.test': () => null });
    const { wish, runner, town, bead } = one;
    const id = wish('Add X');
    runner.work();
    for (let second = 0; second < 3_600; second += 30) {
      town.sleep(30_000, silently(one));
      runner.report({ kind: 'renew', runs: [] });
    }
    expect([stops(one), bead(id).wait?.code]).toEqual([0, 'testing']);
    town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: runner.instance });
    town.sleep(89_000, silently(one));
    expect(stops(one)).toBe(0);
  });

  test('three times in fifteen minutes; then it stays stopped until the window is over, and a person is asked once, with the next step', () => {
    const one = story({ polecat: silentPolecat, 'run.start': () => null });
    const { wish, town } = one;
    wish('Add X');
    until(one, () => container(one).state === 'failed');
    const asked = () => town.rows().escalations.filter(({ message }) => message.includes('ended or hung again'));
    expect(asked()).toMatchObject([{ severity: 'high', acknowledgedAt: null }]);
    expect(asked()[0]!.message).toContain('resume the town');
    expect(town.rows().town[0]?.runnerConnected).toBe(false);
    town.sleep(60_000, silently(one));
    expect([stops(one), container(one).state]).toEqual([4, 'failed']);
    until(one, () => stops(one) === 5);
    expect(asked()).toHaveLength(1);
  });

  test('a person who resumes the town has it tried at once', () => {
    const one = story({ polecat: silentPolecat, 'run.start': () => null });
    one.wish('Add X');
    until(one, () => container(one).state === 'failed');
    one.town.must({ kind: 'town.pause' });
    one.town.must({ kind: 'town.resume' });
    expect(container(one).state).toBe('starting');
  });
});

describe('a stop of the idle container (CT-7)', () => {
  test('is told with its reason; one that fails is tried again after the same quiet, and meanwhile the town works', () => {
    const one = story({ container: (kind) => (kind === 'container.stop' ? bad('container_failed', true) : good({ kind: 'none' })) });
    const { town, runner } = one;
    const quiet = () => town.sleep(LIMITS.mayorIdleStopMs.value, () => runner.work());
    quiet();
    expect([container(one).state, stops(one)]).toEqual(['running', 1]);
    expect(town.rows().events.map(({ type }) => type)).toEqual(expect.arrayContaining(['container_stops', 'container_stop_failed']));
    town.sleep(120_000, () => runner.work());
    expect(stops(one)).toBe(1);
    quiet();
    expect(stops(one)).toBe(2);
    one.wish('Add X');
    runner.work();
    expect(town.rows().beads.find(({ title }) => title === 'Add X')?.status).toBe('closed');
  });
});

describe('a runner that ends unasked (CT-7, I8)', () => {
  test('is started anew at once, then ever later, and says why it ended', () => {
    const one = story({ polecat: silentPolecat });
    one.wish('Add X');
    one.runner.work();
    die(one);
    one.runner.work();
    expect(container(one)).toMatchObject({ state: 'running' });
    die(one);
    expect(container(one)).toMatchObject({ state: 'stopped', failure: { code: 'container_failed', message: 'It ended with signal 9.' } });
    one.town.sleep(60_000, () => one.runner.work());
    expect(container(one).state).toBe('running');
    const died = one.town.rows().events.filter(({ type }) => type === 'runner_died');
    expect(died.map(({ data }) => data['failure'])).toMatchObject([
      { message: 'It ended with signal 9.' },
      { message: 'It ended with signal 9.' },
    ]);
  });

  test('each time that it works on a bead does not go round for ever: a person is asked, and the bead fails after a bounded number of runs', () => {
    const one = story();
    const { wish, town, bead, runsOf } = one;
    one.runner.script.polecat = (runner, start) => {
      silentPolecat(runner, start);
      die(one);
    };
    const id = wish('Kills what runs it');
    const began = town.now;
    one.runner.work();
    while (bead(id).status !== 'failed' && town.now - began < 12 * 3_600_000) town.sleep(60_000, () => one.runner.work());
    expect(bead(id)).toMatchObject({ status: 'failed', failure: { code: 'attempts_exhausted' } });
    expect(runsOf(id)).toHaveLength(LIMITS.lossesInARow.value - 1 + LIMITS.attemptsPerBead.value);
    expect(town.rows().escalations.some(({ message }) => message.includes('ended or hung again'))).toBe(true);
  });

  test('and was asked to, or says nothing of a failure, counts for nothing', () => {
    const one = story({ polecat: silentPolecat });
    one.wish('Add X');
    for (let n = 1; n < LIMITS.lossesInARow.value - 1; n += 1) {
      one.runner.work();
      one.town.send({ kind: 'container.observed', state: 'stopped', failure: null });
    }
    one.runner.work();
    die(one);
    one.runner.work();
    expect(container(one).state).toBe('running');
  });
});
const die = ({ town }: Story): void =>
  void town.send({ kind: 'container.observed', state: 'stopped', failure: failure('container_failed', 'It ended with signal 9.') });
