import { onTestFinished } from 'vitest';
import { spawnRunner } from './spawn-runner.ts';

export { scriptText as script } from '@gastown/rehearsal';
export { reportsOf } from './spawn-runner.ts';

/** The real runner, ended after the test. */
export function startRunnerProcess(...args: Parameters<typeof spawnRunner>) {
  const runner = spawnRunner(...args);
  onTestFinished(async ({ task }) => {
    runner.child.kill('SIGTERM');
    await runner.exit;
    if (task.result?.state === 'fail') console.log(runner.output());
  });
  return runner;
}
