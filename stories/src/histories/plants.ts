import type { Remotes } from '@gastown/runner/testing';
import type { RunnerEffect } from '@gastown/protocol';
import type { Forge } from './forge.ts';

type Test = Extract<RunnerEffect, { kind: 'merge.test' }>;

/** A bug put where a real one could be, to see that it is found. */
export interface Plant {
  between(remotes: Remotes): Remotes;
  test(effect: Test): Promise<Test> | Test;
}

export const NO_PLANT: Plant = { between: (remotes) => remotes, test: (effect) => effect };

export const PLANTS: Readonly<Record<string, (forge: Forge) => Plant>> = {
  /** Lands without asking whether the target is where it was. */
  forced: () => ({
    ...NO_PLANT,
    between: (remotes) => ({
      ...remotes,
      run: (rigId, gitUrl, call, args, anonymous) =>
        remotes.run(
          rigId,
          gitUrl,
          call,
          (url) => args(url).map((word) => (word.startsWith('--force-with-lease=') ? '--force' : word)),
          anonymous,
        ),
    }),
  }),
  /** Lands what no gate has judged. */
  unjudged: () => ({ ...NO_PLANT, test: (effect) => ({ ...effect, gates: ['true'] }) }),
  /** Merges the branch as it is now, not the commit that was handed in. */
  newest: (forge) => ({
    ...NO_PLANT,
    test: async (effect) => ({ ...effect, headCommit: (await forge.head(effect.branch)) ?? effect.headCommit }),
  }),
};
