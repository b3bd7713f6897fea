import { HOME_RUNNER, LIMITS } from '@gastown/protocol';
import { finish, USUAL } from '../script.ts';
import type { Story } from '../story.ts';
import type { World } from '../world.ts';
import { silent, wish } from './words.ts';

const PASSES = LIMITS.runnerAwayMs.value + 1_000;
const onMachine = (world: World): boolean => world.rows().runs.some((run) => run.runnerId !== HOME_RUNNER && run.state === 'working');
const withMachine = (world: World, phase: string): boolean =>
  world.rows().merges.some((merge) => merge.phase === phase && merge.runnerId !== null && merge.runnerId !== HOME_RUNNER);

/** People's own machines (design/runner.md §5): what one held when it went is done by another, once. */
export const MACHINES: readonly Story[] = [
  {
    name: 'a machine leaves in the middle of a run',
    script: () => ({
      polecat: (runner, start) => (runner.id === HOME_RUNNER ? finish(runner, start) : silent(runner, start)),
    }),
    tell: (world, rigId) => {
      const machine = world.addMachine('laptop');
      wish(world, rigId, 'A');
      world.until('it is at work there', onMachine);
      world.loseMachine(machine);
      world.sleep(PASSES);
    },
  },
  {
    name: 'a machine leaves between test and landing',
    script: () => ({ land: (effect, forge, runner) => (runner.id === HOME_RUNNER ? USUAL.land(effect, forge, runner) : null) }),
    tell: (world, rigId) => {
      const machine = world.addMachine('laptop');
      wish(world, rigId, 'A');
      world.until('it is tested there', (now) => withMachine(now, 'landing'));
      world.loseMachine(machine);
      world.sleep(PASSES);
    },
  },
  {
    name: 'a machine lands and leaves before it says so',
    script: () => ({
      land: (effect, forge, runner) => {
        const landed = USUAL.land(effect, forge, runner);
        return runner.id === HOME_RUNNER ? landed : null;
      },
    }),
    tell: (world, rigId) => {
      const machine = world.addMachine('laptop');
      wish(world, rigId, 'A');
      world.until('it has landed', () => world.forge.landings.length > 0);
      world.loseMachine(machine);
      world.sleep(PASSES);
    },
  },
  {
    name: 'a machine is removed while it works, and its rig is pinned to it',
    script: () => ({
      polecat: (runner, start) => (runner.id === HOME_RUNNER ? finish(runner, start) : silent(runner, start)),
    }),
    tell: (world, rigId) => {
      const machine = world.addMachine('laptop');
      world.person({ kind: 'runner.update', runnerId: machine, rigs: [rigId] });
      wish(world, rigId, 'A');
      world.until('it is at work there', onMachine);
      world.person({ kind: 'runner.remove', runnerId: machine });
    },
  },
];
