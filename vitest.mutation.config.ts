import { defineConfig } from 'vitest/config';

/**
 * The tests that answer for a slice of the core: a mutant of it that none of these finds counts as survived, though another test might. So the score is a
 * lower bound, and a run takes an hour instead of a day. `scripts/mutation.ts` names the slice.
 */
const STORIES: Readonly<Record<string, readonly string[]>> = {
  beads: ['edges', 'convoys', 'convoys-over', 'hazards', 'order', 'pause', 'rest', 'review', 'truths'],
  merges: [
    'broken-rules',
    'convoys',
    'failures',
    'gates',
    'hazards',
    'landings',
    'lanes',
    'life',
    'losses',
    'machine-trouble',
    'machines',
    'merges',
    'order',
    'outbox',
    'review',
    'runners',
    'stop',
    'triage',
    'truths',
  ],
  runs: [
    'bounds',
    'broken-rules',
    'clock',
    'dispatch',
    'ends',
    'failures',
    'found',
    'gates',
    'hazards',
    'life',
    'limits',
    'losses',
    'machine-trouble',
    'machines',
    'mail',
    'mayor',
    'mayor-tries',
    'order',
    'outbox',
    'patrols',
    'pause',
    'reports',
    'retirement',
    'review',
    'runners',
    'runs-over',
    'starts',
    'stop',
    'tools',
    'truths',
    'wedged',
  ],
  spend: ['alerts', 'bounded-spend', 'convoys', 'limits', 'limits-edges', 'limits-told', 'mayor', 'minutes', 'review', 'stop', 'truths'],
};
const slice = process.env.MUTATED ?? '';

export default defineConfig({
  test: {
    root: 'packages/town',
    include: [
      `src/${slice}/**/*.test.ts`,
      'src/exchange/{ready-cases,import,export,brought,again}.test.ts',
      `src/stories/{${(STORIES[slice] ?? []).join(',')}}.test.ts`,
    ],
    setupFiles: ['src/testing/mutation.ts'],
    /** The files share what they import: importing it for each takes longer than the tests. */
    isolate: false,
    /** For what hangs: on a busy machine a slow test would end the whole run before its first mutant. */
    testTimeout: 60_000,
    env: { RUNS: '6' },
  },
});
