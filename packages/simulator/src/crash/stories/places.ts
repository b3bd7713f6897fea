import { failure, LIMITS } from '@gastown/protocol';
import { bad } from '@gastown/town/testing';
import { finish, USUAL } from '../script.ts';
import type { Story } from '../story.ts';
import { isBead, silent, wish } from './words.ts';

const NOW = 2_000_000_000_000;

/** Town, rigs, container, time. */
export const PLACES: readonly Story[] = [
  {
    name: 'the container fails three times before it starts',
    script: () => {
      let tries = 0;
      return {
        container: (kind) => {
          if (kind === 'container.stop') return true;
          tries += 1;
          return tries > 3 || tries === 1;
        },
      };
    },
    tell: (world, rigId) => {
      wish(world, rigId, 'A');
      world.until('A landed', isBead('A', 'closed'));
      world.loseRunner();
      wish(world, rigId, 'B');
    },
  },
  {
    name: 'nothing is heard of the container',
    script: () => {
      let tries = 0;
      return { container: (kind) => (kind === 'container.start' && (tries += 1) === 2 ? null : true) };
    },
    tell: (world, rigId) => {
      world.loseRunner();
      wish(world, rigId, 'A');
    },
  },
  {
    name: 'the container stops when it is quiet and starts for the next bead',
    tell: (world, rigId) => {
      wish(world, rigId, 'A');
      world.sleep(LIMITS.mayorIdleStopMs.value * 3);
      wish(world, rigId, 'B');
    },
  },
  {
    name: 'a runner is asked to end while its agent works',
    script: () => ({
      polecat: (runner, start) => {
        if (start.context.earlier.length > 0) return finish(runner, start);
        silent(runner, start);
        runner.report({ kind: 'draining', graceMs: 8_000 });
        runner.report({ kind: 'run.lost', runId: start.runId, generation: start.generation, failure: failure('runner_drained') });
      },
    }),
    tell: (world, rigId) => {
      wish(world, rigId, 'A');
      world.until('it waits for the next runner', () => world.bead('A').wait?.code === 'runner_draining' || isBead('A', 'closed')(world));
      world.loseRunner();
    },
  },
  {
    name: 'a runner hangs until its container is stopped',
    script: () => {
      let hangs = true;
      return {
        start: (effect) => (hangs ? null : USUAL.start(effect)),
        container: (kind) => {
          if (kind === 'container.stop') hangs = false;
          return true;
        },
      };
    },
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
  {
    name: 'a second repository does not answer at first',
    script: () => {
      let asked = 0;
      return {
        connect: (effect, forge) =>
          effect.gitUrl.includes('lib') && (asked += 1) < 3 ? bad('repository_unreachable', true) : USUAL.connect(effect, forge),
      };
    },
    tell: (world) => {
      const { rigId } = world.person<{ rigId: never }>({ kind: 'rig.add', name: 'lib', gitUrl: 'https://example.test/lib.git' });
      wish(world, rigId, 'A');
    },
  },
  {
    name: 'a rig is removed by force',
    script: () => ({
      polecat: (runner, start) =>
        void runner.report({ kind: 'turn.started', runId: start.runId, generation: start.generation, nudgeId: null }),
    }),
    tell: (world, rigId) => {
      wish(world, rigId, 'A');
      world.until('it is at work', () => world.bead('A').wait?.code === 'agent_working');
      world.person({ kind: 'rig.remove', rigId, force: true });
    },
  },
  {
    name: 'the town is paused and resumed',
    tell: (world, rigId) => {
      world.person({ kind: 'town.pause' });
      wish(world, rigId, 'A');
      world.sleep(60_000);
      world.person({ kind: 'town.resume' });
    },
  },
  {
    name: 'a stop ends every run, and a resume begins again',
    script: () => {
      let stopped = false;
      return {
        polecat: (runner, start) => {
          if (stopped || start.context.earlier.length > 0) return USUAL.polecat(runner, start);
          stopped = true;
          runner.report({ kind: 'turn.started', runId: start.runId, generation: start.generation, nudgeId: null });
        },
      };
    },
    tell: (world, rigId) => {
      wish(world, rigId, 'A');
      world.work();
      world.person({ kind: 'town.stop' });
      world.work();
      world.person({ kind: 'town.resume' });
    },
  },
  {
    name: 'a rig is paused and resumed',
    tell: (world, rigId) => {
      world.person({ kind: 'rig.pause', rigId });
      wish(world, rigId, 'A');
      world.sleep(60_000);
      world.person({ kind: 'rig.resume', rigId });
    },
  },
  {
    name: 'a budget is spent, raised, and the rest lands',
    script: () => ({
      polecat: (runner, start) => {
        runner.spend(start, 600);
        USUAL.polecat(runner, start);
      },
    }),
    tell: (world, rigId) => {
      world.person({ kind: 'town.configure', budgetMicros: 500, maxPolecats: 1 });
      wish(world, rigId, 'A');
      wish(world, rigId, 'B');
      world.sleep(600_000);
      world.person({ kind: 'town.configure', budgetMicros: null });
    },
  },
  {
    name: 'put off until later',
    tell: (world, rigId) => {
      const beadId = wish(world, rigId, 'A', { staged: true });
      world.person({ kind: 'bead.start', beadId });
      const later = wish(world, rigId, 'B', { staged: true });
      world.person({ kind: 'bead.start', beadId: later });
      world.person({ kind: 'bead.create', rigId, title: 'C', deferUntil: world.now + 3_600_000 });
      world.person({ kind: 'bead.create', rigId, title: 'never yet', deferUntil: NOW - 1, staged: true });
    },
  },
  {
    name: 'a town is deleted while an agent works',
    script: () => ({
      polecat: (runner, start) =>
        void runner.report({ kind: 'turn.started', runId: start.runId, generation: start.generation, nudgeId: null }),
    }),
    tell: (world, rigId) => {
      wish(world, rigId, 'A');
      world.work();
      world.send({ key: 'delete', actor: { kind: 'town' }, command: { kind: 'town.delete' } });
    },
  },
];
