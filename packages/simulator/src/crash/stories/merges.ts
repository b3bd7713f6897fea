import { LIMITS } from '@gastown/protocol';
import { bad } from '@gastown/town/testing';
import { tested, USUAL } from '../script.ts';
import type { Story } from '../story.ts';
import { firstOf, isBead, noGate, titleOf, wish } from './words.ts';

/** What becomes of merge requests. */
export const MERGES: readonly Story[] = [
  {
    name: 'a gate fails once and the rework lands',
    script: () => {
      const isFirst = firstOf();
      return {
        test: (effect, forge) => (isFirst(titleOf(effect), effect.mergeId) ? noGate('gate_failed', effect) : tested(effect, forge)),
      };
    },
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
  {
    name: 'a gate fails each time',
    script: () => ({ test: (effect) => noGate('gate_failed', effect) }),
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
  {
    name: 'a gate takes too long once',
    script: () => {
      const isFirst = firstOf();
      return {
        test: (effect, forge) => (isFirst(titleOf(effect), effect.mergeId) ? noGate('gate_timeout', effect) : tested(effect, forge)),
      };
    },
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
  {
    name: 'a conflict is worked on again',
    script: () => {
      const isFirst = firstOf();
      return { test: (effect, forge) => (isFirst(titleOf(effect), effect.mergeId) ? bad('merge_conflict') : tested(effect, forge)) };
    },
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
  {
    name: 'the target moves between test and landing',
    script: () => {
      const isFirst = firstOf();
      return {
        land: (effect, forge, runner) => {
          if (isFirst(effect.mergeId, effect.mergeCommit)) forge.pushByOthers(effect.gitUrl);
          return USUAL.land(effect, forge, runner);
        },
      };
    },
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
  {
    name: 'nothing is heard of the gates, and they run again',
    script: () => {
      const asked = new Set<string>();
      return {
        test: (effect, forge) => {
          if (asked.has(effect.mergeId)) return tested(effect, forge);
          asked.add(effect.mergeId);
          return null;
        },
      };
    },
    tell: (world, rigId) => {
      wish(world, rigId, 'A');
      world.until('the gates run', () => world.bead('A').wait?.code === 'testing' || world.bead('A').status === 'closed');
      world.loseRunner();
      world.sleep(LIMITS.gateTimeoutMs.value * 4);
    },
  },
  {
    name: 'a landing is refused, a person retries',
    script: () => {
      let mended = false;
      return {
        land: (effect, forge, runner) => (mended ? USUAL.land(effect, forge, runner) : bad('push_refused')),
        prompt: (runner, prompt) => {
          mended = true;
          runner.turn(prompt, prompt.nudgeId);
        },
      };
    },
    tell: (world, rigId) => {
      wish(world, rigId, 'A');
      world.until('it cannot land', () => world.rows().merges.some((merge) => merge.phase === 'failed'));
      world.person({ kind: 'mayor.tell', text: 'the token is right now' });
      world.until('it is read', () => world.rows().nudges.some((nudge) => nudge.state === 'delivered'));
      const { id } = world.rows().merges.find((merge) => merge.phase === 'failed')!;
      world.person({ kind: 'merge.retry', mergeId: id });
    },
  },
  {
    name: 'two in one lane',
    tell: (world, rigId) => {
      wish(world, rigId, 'A');
      wish(world, rigId, 'B');
      world.until('one landed', () => isBead('A', 'closed')(world) || isBead('B', 'closed')(world));
    },
  },
  {
    name: 'a bead is closed by hand while its gates run',
    script: () => ({ test: (effect, forge) => (titleOf(effect) === 'A' ? null : tested(effect, forge)) }),
    tell: (world, rigId) => {
      const beadId = wish(world, rigId, 'A');
      wish(world, rigId, 'B');
      world.until('A is under test', () => world.bead('A').wait?.code === 'testing');
      world.person({ kind: 'bead.set_status', beadId, status: 'closed', reason: 'not needed' });
    },
  },
];
