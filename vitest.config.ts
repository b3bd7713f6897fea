import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** `npx vitest run` runs every package's tests; the worker's run inside workerd (its own config). With `NIGHT=1` also those that take minutes. */
export default defineConfig({
  test: {
    // Also where there are two cores: half of what these tests do is waiting for processes.
    maxWorkers: 2,
    projects: [
      // What is pure keeps nothing of an earlier file, so that its modules are read once.
      { test: { name: 'protocol', root: 'packages/protocol', include: ['src/**/*.test.ts'], isolate: false } },
      { test: { name: 'town', root: 'packages/town', include: ['src/**/*.test.ts'], isolate: false, testTimeout: 60_000 } },
      { test: { name: 'simulator', root: 'packages/simulator', include: ['src/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'prompts', root: 'packages/prompts', include: ['src/**/*.test.ts'] } },
      { test: { name: 'rehearsal', root: 'packages/rehearsal', include: ['src/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'runner',
          root: 'apps/runner',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: process.env['NIGHT'] ? [] : ['src/**/*.night.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        // Markdown as the build has it (`apps/web/vite.config.ts`).
        resolve: { alias: { 'rehype-raw': fileURLToPath(new URL('apps/web/src/transcript/raw-as-text.ts', import.meta.url)) } },
        test: {
          name: 'web',
          root: 'apps/web',
          include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
          server: { deps: { inline: ['streamdown'] } },
        },
      },
      { test: { name: 'cli', root: 'apps/cli', include: ['src/**/*.test.ts', 'test/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'stories', root: 'stories', include: ['src/**/*.test.ts'] } },
      { test: { name: 'bench', root: 'bench', include: ['src/**/*.test.ts'] } },
      { test: { name: 'scripts', root: 'scripts', include: ['*.test.ts'] } },
    ],
  },
});
