import { failure, HOME_RUNNER, LIMITS } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, good, memorySql, silentPolecat, story, testTown, type Story } from '../testing.ts';

const MINUTE = 60_000;
const recoveries = ({ town }: Pick<Story, 'town'>) =>
  town
    .rows()
    .events.filter(({ type }) => type === 'runner_recovered')
    .map(({ data: { downMs, after, by } }) => ({ downMs, after, by }));
const container = ({ town }: Story) => town.rows().town[0]!.container;
const ended = ({ town }: Pick<Story, 'town'>, why: string | null = null): void =>
  void town.send({ kind: 'container.observed', state: 'stopped', failure: why === null ? null : failure('container_failed', why) });
const die = (one: Pick<Story, 'town'>): void => ended(one, 'It ended with signal 9.');
const sleep = (one: Story, ms: number): void => one.town.sleep(ms, () => one.runner.work());
/** The machine does what it is asked; the runner on it says nothing. */
function machine({ town, runner }: Story): void {
  for (let due = town.take(); due.length > 0; due = town.take()) for (const one of due) if (one.target === 'container') runner.perform(one);
}
/** An agent is at work, so that the runner is needed. */
function atWork(script: Parameters<typeof story>[0] = {}, options: Parameters<typeof story>[1] = {}): Story {
  const one = story({ polecat: silentPolecat, ...script }, options);
  one.wish('A');
  one.runner.work();
  return one;
}
/** Its link is gone for so long, and it comes back: itself, or another process. */
function away(one: Story, ms: number, instance?: string): void {
  one.runner.gone();
  one.town.now += ms;
  one.runner.hello(instance);
}

describe('the runner is there again (CT-18)', () => {
  test('by itself, after its link was gone: told once with the whole time, to the millisecond', () => {
    const one = atWork();
    away(one, 75_000);
    one.runner.hello();
    sleep(one, MINUTE);
    expect(recoveries(one)).toEqual([{ downMs: 75_000, after: 'away', by: 'itself' }]);
  });

  test('as another process that the town did not start: by its host', () => {
    const one = atWork();
    away(one, 75_000, 'next-runner');
    expect(recoveries(one)).toEqual([{ downMs: 75_000, after: 'away', by: 'host' }]);
  });

  test('restarted by the town: after it hung, since it was doubted; after it died, since its link was gone', () => {
    const hung = atWork();
    const type = (name: string) => hung.town.rows().events.find((event) => event.type === name);
    for (let second = 0; second < 600 && !type('runner_recovered'); second += 1) hung.town.sleep(1_000, () => machine(hung));
    const took = type('runner_recovered')!.at - type('runner_wedged')!.at;
    expect(recoveries(hung)).toEqual([{ downMs: LIMITS.runnerDoubtMs.value + took, after: 'wedged', by: 'town' }]);
    const died = atWork();
    died.runner.gone();
    died.town.now += 3_000;
    die(died);
    died.town.now += 4_000;
    died.runner.work();
    expect(recoveries(died)).toEqual([{ downMs: 7_000, after: 'died', by: 'town' }]);
  });

  test('not while the one that hung is being stopped, whoever says hello', () => {
    const one = atWork();
    const wedged = () => one.town.rows().events.some(({ type }) => type === 'runner_wedged');
    for (let second = 0; second < 600 && !wedged(); second += 1) one.town.sleep(1_000);
    expect(container(one).state).toBe('stopping');
    one.runner.hello('next-runner');
    expect(recoveries(one)).toEqual([]);
    ended(one);
    machine(one);
    expect(recoveries(one)).toMatchObject([{ after: 'wedged', by: 'town' }]);
  });

  test('after a cold start that failed: since it began', () => {
    let works = false;
    const one = atWork();
    one.runner.script.container = () => (works ? good({ kind: 'none' }) : null);
    one.runner.report({ kind: 'draining', graceMs: 8_000 });
    one.runner.gone();
    one.town.now += MINUTE;
    ended(one);
    machine(one);
    const began = one.town.now;
    one.town.now += 50_000;
    one.town.send({ kind: 'container.observed', state: 'failed', failure: failure('container_failed') });
    works = true;
    one.town.now += 30_000;
    sleep(one, 0);
    expect(recoveries(one)).toEqual([{ downMs: one.town.now - began, after: 'away', by: 'town' }]);
  });

  test('by its host after it died, before the town tried again', () => {
    const one = atWork();
    die(one);
    one.runner.work();
    die(one);
    expect(container(one).state).toBe('stopped');
    one.runner.hello('next-runner');
    expect(recoveries(one).map(({ after, by }) => [after, by])).toEqual([
      ['died', 'town'],
      ['died', 'host'],
    ]);
  });

  test('after starts that failed until a person was told: since the first of them', () => {
    let fails = false;
    const one = atWork({ container: () => (fails ? bad('container_failed', true) : good({ kind: 'none' })) });
    one.runner.gone();
    ended(one);
    fails = true;
    const since = one.town.now;
    while (container(one).state !== 'failed') one.town.sleep(1_000, () => one.runner.work());
    fails = false;
    sleep(one, 10 * MINUTE);
    const told = one.town.rows().events.find(({ type }) => type === 'runner_recovered')!;
    expect(recoveries(one)).toEqual([{ downMs: told.at - since, after: 'failed', by: 'town' }]);
    expect(told.data['downMs']).toBeGreaterThan(5 * MINUTE);
  });
});

describe('nothing is told (CT-18)', () => {
  test('of a link that flaps or a new version of the program; of each real downtime between them once', () => {
    const one = atWork();
    for (let times = 0; times < 5; times += 1) away(one, LIMITS.runnerDoubtMs.value - 1);
    expect(recoveries(one)).toEqual([]);
    for (const ms of [61_000, 500, 80_000, 500]) away(one, ms);
    expect(recoveries(one).map(({ downMs }) => downMs)).toEqual([61_000, 80_000]);
  });

  test('of a drain, however long the next one takes (DR-1)', () => {
    const one = atWork();
    one.runner.report({ kind: 'draining', graceMs: 8_000 });
    one.runner.gone();
    one.town.now += 2 * MINUTE;
    ended(one);
    one.town.now += MINUTE;
    one.runner.work();
    expect(container(one).state).toBe('running');
    expect(recoveries(one)).toEqual([]);
  });

  test('of a stop because nothing was to do, hours later; nor soon after one before which the link was gone (CT-7)', () => {
    for (const gone of [false, true]) {
      const one = story({ polecat: silentPolecat });
      sleep(one, MINUTE);
      if (gone) {
        one.town.sleep(LIMITS.mayorIdleStopMs.value - MINUTE - 1_000, () => one.runner.work());
        one.runner.gone();
      }
      sleep(one, gone ? MINUTE : 6 * MINUTE);
      expect(container(one).state).toBe('stopped');
      one.town.now += gone ? 2 * MINUTE : 3 * 3_600_000;
      one.wish('A');
      one.runner.work();
      expect(container(one).state).toBe('running');
      expect(recoveries(one)).toEqual([]);
    }
  });

  test('of one that died and was not needed for so long that it would have been stopped', () => {
    const one = story({ polecat: silentPolecat });
    die(one);
    sleep(one, 3_600_000);
    expect(container(one).state).toBe('stopped');
    one.wish('A');
    one.runner.work();
    expect(container(one).state).toBe('running');
    expect(recoveries(one)).toEqual([]);
  });

  test('twice: neither when the object was evicted while it was down, nor when it is after that', () => {
    const store = memorySql();
    const one = atWork({}, { store });
    one.runner.gone();
    const evicted = () => Object.assign(testTown({ store, create: null, seed: 2 }), { now: one.town.now });
    const hello = { t: 'hello' as const, protocol: 1 as const, instance: one.runner.instance, agentKinds: ['kilo'], runs: [] };
    one.town.now += 80_000;
    for (const later of [0, 5_000, 90_000]) {
      const town = evicted();
      town.now += later;
      town.send({ kind: 'runner.hello', runnerId: HOME_RUNNER, hello });
      expect(recoveries({ town })).toEqual([{ downMs: 80_000, after: 'away', by: 'itself' }]);
    }
  });
});

describe('a clock that is set back while it is down (CT-18)', () => {
  test('gives no time below nothing, and counts from then on', () => {
    const one = atWork();
    one.town.now += 3 * 3_600_000;
    die(one);
    one.town.now -= 3 * 3_600_000;
    one.town.send({ kind: 'wake' });
    one.town.now += 5_000;
    one.runner.work();
    expect(recoveries(one)).toEqual([{ downMs: 5_000, after: 'died', by: 'town' }]);
    die(one);
    one.town.now -= 500;
    one.runner.hello('next-runner');
    expect(recoveries(one).at(-1)).toEqual({ downMs: 0, after: 'died', by: 'town' });
  });
});
