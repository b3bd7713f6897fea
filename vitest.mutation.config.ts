import { defineConfig } from 'vitest/config';

/** The core's tests, as the mutation run wants them: one project, a short storm, and none of those that only measure, read the sources or move very much at once. */
export default defineConfig({
  test: {
    root: 'packages/town',
    include: ['src/**/*.test.ts'],
    exclude: [
      'src/slices.test.ts',
      'src/migrations.test.ts',
      'src/stories/cost.test.ts',
      'src/stories/bounds.test.ts',
      'src/exchange/edges.test.ts',
      'src/exchange/roundtrip.test.ts',
    ],
    env: { FUZZ_RUNS: '100', CHAOS_RUNS: '6', RUNS: '6' },
  },
});
