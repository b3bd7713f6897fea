import { HOME_RUNNER, RigId, RunnerId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { place, placingWait, STANDINGS, takersOf, type Placeable, type Standing } from './placing.ts';

const RIG = RigId.parse('rig-00000001');
const OTHER = RigId.parse('rig-00000002');
const idOf = (n: number): RunnerId => RunnerId.parse(`rn-00000000000${n}`);
const base = { rigs: null, standing: 'ready', busy: 0, places: 10, limited: false, tests: 0, testPlaces: 2 } as const;
const home = (change: Partial<Placeable> = {}): Placeable => ({ ...base, id: HOME_RUNNER, kind: 'container', ...change });
const machine = (n: number, change: Partial<Placeable> = {}): Placeable => ({ ...base, id: idOf(n), kind: 'machine', ...change });
const takers = (...runners: Placeable[]) => takersOf(runners, RIG).map(({ id }) => id);

describe('who takes a rig', () => {
  test('who has no list takes every rig that nobody lists; who lists a rig has it for itself', () => {
    expect(takers(home(), machine(1))).toEqual([HOME_RUNNER, idOf(1)]);
    expect(takers(home(), machine(1, { rigs: [RIG] }), machine(2))).toEqual([idOf(1)]);
    expect(takers(home({ rigs: [RIG] }), machine(1, { rigs: [RIG, OTHER] }))).toEqual([HOME_RUNNER, idOf(1)]);
    expect(takers(home(), machine(1, { rigs: [OTHER] }))).toEqual([HOME_RUNNER]);
    expect(takers(home({ rigs: [OTHER] }), machine(1, { rigs: [] }))).toEqual([]);
  });
  test('a runner that lists a rig has it for itself however it stands: the code goes nowhere else', () => {
    for (const standing of STANDINGS) expect(takers(home(), machine(1, { rigs: [RIG], standing }))).toEqual([idOf(1)]);
  });
});

describe('a run', () => {
  test('goes to a machine before the container, and of several machines to the one with the smallest share of its places taken', () => {
    expect(place([home(), machine(1, { busy: 3, places: 4 })], RIG, 'run')).toBe(idOf(1));
    expect(place([machine(1, { busy: 2, places: 4 }), machine(2, { busy: 1, places: 3 }), home()], RIG, 'run')).toBe(idOf(2));
    expect(place([machine(1, { busy: 1, places: 2 }), machine(2, { busy: 2, places: 4 })], RIG, 'run')).toBe(idOf(1));
    expect(place([home(), machine(1, { standing: 'full', busy: 4, places: 4 })], RIG, 'run')).toBe(HOME_RUNNER);
  });
  test('goes to nobody who is full, stops, ends, is paused, lacks its agent, failed, is away or does not answer; and the wait says which', () => {
    const codes: Record<Exclude<Standing, 'ready'>, string> = {
      full: 'runner_places',
      stopping: 'container_stopping',
      draining: 'runner_draining',
      paused: 'runner_paused',
      unfit: 'runner_unfit',
      failed: 'container_failed',
      away: 'runner_away',
      wedged: 'runner_away',
    };
    for (const [standing, code] of Object.entries(codes)) {
      const runners = [machine(1, { standing: standing as Standing })];
      expect(place(runners, RIG, 'run'), standing).toBeNull();
      expect(placingWait(runners, RIG, 'run'), standing).toEqual({ code, ref: idOf(1), until: null });
    }
    expect(placingWait([home({ rigs: [OTHER] })], RIG, 'run')).toEqual({ code: 'no_runner', ref: RIG, until: null });
    expect(placingWait([home()], RIG, 'run')).toBeNull();
  });
  test('of several that cannot, the wait names the one that is soonest ready again', () => {
    const runners = [machine(1, { standing: 'away' }), machine(2, { standing: 'full' }), home({ standing: 'failed' })];
    expect(placingWait(runners, RIG, 'run')).toMatchObject({ code: 'runner_places', ref: idOf(2) });
  });
});

describe('a test of a merge', () => {
  test('needs no place of a polecat, but one of its own; a container that stops is started again for it', () => {
    expect(place([machine(1, { standing: 'full' })], RIG, 'test')).toBe(idOf(1));
    expect(place([home({ standing: 'stopping' })], RIG, 'test')).toBe(HOME_RUNNER);
    expect(place([machine(1, { tests: 2 }), machine(2, { tests: 1 }), home()], RIG, 'test')).toBe(idOf(2));
    expect(place([machine(1, { tests: 2 })], RIG, 'test')).toBeNull();
    expect(placingWait([machine(1, { tests: 2 })], RIG, 'test')).toBeNull();
    for (const standing of ['draining', 'paused', 'failed', 'away', 'wedged'] as const)
      expect(place([home({ standing })], RIG, 'test'), standing).toBeNull();
  });
});

describe('a look at a repository', () => {
  test('may be taken by a paused runner and by a container in any state, and by no machine that is not there', () => {
    for (const standing of STANDINGS)
      expect(place([home({ standing })], RIG, 'look'), standing).toBe(standing === 'away' || standing === 'wedged' ? null : HOME_RUNNER);
    for (const standing of ['draining', 'away', 'wedged'] as const)
      expect(place([machine(1, { standing })], RIG, 'look'), standing).toBeNull();
    expect(place([machine(1, { standing: 'paused' })], RIG, 'look')).toBe(idOf(1));
  });
});
