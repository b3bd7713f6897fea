import type { Outcome, RunnerEffect } from '@gastown/protocol';
import { bad, evidence, good } from '@gastown/town/testing';
import type { Forge } from './forge.ts';
import type { Runner } from './runner.ts';

export type Of<K extends RunnerEffect['kind']> = Extract<RunnerEffect, { kind: K }>;
export type Start = Of<'run.start'>;

/** What happens in a story outside the town. `null`: nothing is heard of it. Stateful scripts keep their state by what they are about, never by how often they are asked. */
export interface Script {
  connect(effect: Of<'rig.connect'>, forge: Forge): Outcome | null;
  start(effect: Start): Outcome | null;
  test(effect: Of<'merge.test'>, forge: Forge): Outcome | null;
  land(effect: Of<'merge.land'>, forge: Forge, runner: Runner): Outcome | null;
  /** A polecat's first turn. */
  polecat(runner: Runner, start: Start): void;
  /** What an agent does with a message. */
  prompt(runner: Runner, prompt: Of<'run.prompt'>): void;
  container(kind: 'container.start' | 'container.stop'): boolean | null;
}

export const tested = (effect: Of<'merge.test'>, forge: Forge): Outcome => {
  const built = forge.build(effect.gitUrl, effect.mergeId);
  return 'landed' in built
    ? good({ kind: 'landed', mergeCommit: built.landed })
    : good({ kind: 'tested', passed: true, baseCommit: built.base, mergeCommit: built.commit, gates: [], failure: null });
};
export const finish = (runner: Runner, start: Start): void =>
  runner.turn(start, null, null, () => void runner.tool(start, 'done', { summary: 'it works' }, evidence(start)));

export const USUAL: Script = {
  connect: (effect, forge) => good({ kind: 'rig', defaultBranch: 'main', empty: false, head: forge.head(effect.gitUrl) }),
  start: ({ runId, model, resumeSessionId }) =>
    good({ kind: 'session', sessionId: `s-${runId}`, resumed: resumeSessionId !== null, model }),
  test: tested,
  land: (effect, forge) =>
    forge.land(effect.gitUrl, effect.mergeId, effect.baseCommit, effect.mergeCommit)
      ? good({ kind: 'landed', mergeCommit: effect.mergeCommit })
      : bad('target_moved'),
  polecat: finish,
  prompt: (runner, prompt) => runner.turn(prompt, prompt.nudgeId),
  container: () => true,
};
