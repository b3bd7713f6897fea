import { defineConfig } from 'vitest/config';

/** The core's tests, as the mutation run wants them: one project, without those that only measure or read the sources. */
export default defineConfig({
  test: {
    root: 'packages/town',
    include: ['src/**/*.test.ts'],
    exclude: ['src/slices.test.ts', 'src/migrations.test.ts', 'src/stories/cost.test.ts', 'src/stories/bounds.test.ts'],
  },
});
