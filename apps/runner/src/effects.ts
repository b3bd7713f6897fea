import type { Outcome, Result, RunnerEffect } from '@gastown/protocol';
import { brokeOff, failed, performInRepository } from './repository-effects.ts';
import type { RepositorySurroundings } from './repository-effects.ts';
import type { Runs } from './runs/runs.ts';

/** Performs one effect. `afterwards` is done when the town has committed the outcome. */
export interface Performed {
  readonly outcome: Outcome;
  readonly afterwards?: () => void;
}

export interface EffectSurroundings extends RepositorySurroundings {
  readonly runs: Runs;
}

const asNone = (result: Result<null>): Outcome => (result.ok ? NONE : failed(result.failure));
const NONE: Outcome = { state: 'succeeded', value: { kind: 'none' } };

export const performEffect = (around: EffectSurroundings, effect: RunnerEffect): Promise<Performed> =>
  perform(around, effect).catch((error: unknown) => ({ outcome: brokeOff(effect.kind, error) }));

async function perform(around: EffectSurroundings, effect: RunnerEffect): Promise<Performed> {
  switch (effect.kind) {
    case 'run.start': {
      const started = await around.runs.start(effect);
      return started.ok ? { outcome: started.value.run.outcome, afterwards: started.value.begin } : { outcome: failed(started.failure) };
    }
    case 'run.prompt':
      return { outcome: asNone(await around.runs.prompt(effect)) };
    case 'run.interrupt':
      return { outcome: asNone(await around.runs.interrupt(effect.runId)) };
    case 'permission.answer':
      return { outcome: asNone(around.runs.answer(effect)) };
    case 'run.stop':
      await around.runs.stop(effect.runId);
      return { outcome: NONE };
    default:
      return { outcome: await performInRepository(around, effect) };
  }
}
