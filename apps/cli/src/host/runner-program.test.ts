import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ROOT } from '../project.ts';
import { RUNNER_COMMAND, runnerEnvironment } from './runner-program.ts';

test('a runner has a place in the checkout for what it compiled (P19)', () => {
  const says = execFileSync(RUNNER_COMMAND[0], ['-p', `require('node:module').getCompileCacheDir()`], {
    env: runnerEnvironment(),
    encoding: 'utf8',
  });
  expect(says.startsWith(`${ROOT}/.gastown/compiled/`)).toBe(true);
});
