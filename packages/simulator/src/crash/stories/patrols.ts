import type { Runner } from '../runner.ts';
import type { Start } from '../script.ts';
import type { Story } from '../story.ts';
import type { World } from '../world.ts';
import { silent, wish } from './words.ts';

/** Watchdogs: time limits, silent agents, triage. */
const isOver = (world: World): boolean => ['closed', 'failed'].includes(world.bead('A').status);

/** An agent that is heard of by its runner and does nothing. */
function idler(): { polecat: (runner: Runner, start: Start) => void; renew: () => void } {
  let last: { runner: Runner; start: Start } | null = null;
  return {
    polecat: (runner, start) => {
      last = { runner, start };
      silent(runner, start);
    },
    renew() {
      if (!last?.runner.alive) return;
      const { runId, generation } = last.start;
      last.runner.renew({ runId, generation });
    },
  };
}

export const PATROLS: readonly Story[] = [
  {
    name: 'a bead may take thirty seconds',
    script: () => ({ polecat: silent }),
    tell: (world, rigId) => void world.person({ kind: 'bead.create', rigId, title: 'A', timeoutMs: 30_000 }),
  },
  {
    name: 'an agent does nothing, is nudged, told of and stopped',
    script: () => ({
      polecat: silent,
      prompt: (runner, prompt) => void runner.report({ kind: 'turn.started', ...ref(prompt), nudgeId: prompt.nudgeId }),
    }),
    tell: (world, rigId) => {
      world.person({
        kind: 'town.configure',
        patrols: { silenceNudgeMs: 20_000, silenceWarnMs: 40_000, silenceEscalateMs: 60_000, silenceStopMs: 80_000 },
      });
      wish(world, rigId, 'A');
      world.until('it is over', isOver);
    },
  },
  (() => {
    let hand = idler();
    return {
      name: 'a person answers what triage asks',
      script: () => {
        hand = idler();
        return { polecat: hand.polecat };
      },
      tell: (world, rigId) => {
        world.person({
          kind: 'town.configure',
          patrols: { silenceNudgeMs: 60_000, silenceWarnMs: 120_000, silenceEscalateMs: 180_000, silenceStopMs: 900_000 },
        });
        wish(world, rigId, 'A');
        for (let look = 0; look < 40 && !isOver(world); look += 1) {
          world.sleep(45_000);
          hand.renew();
          const asked = world.rows().triage.find((one) => one.resolvedAt === null);
          if (asked) world.try({ kind: 'triage.resolve', triageId: asked.id, action: 'CLOSE_BEAD', notes: 'not worth it' });
        }
        world.until('it is over', isOver);
      },
    };
  })(),
];
function ref({ runId, generation }: Pick<Start, 'runId' | 'generation'>): Pick<Start, 'runId' | 'generation'> {
  return { runId, generation };
}
