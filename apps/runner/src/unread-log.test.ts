import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openFakeTown } from './testing/fake-town.ts';
import { tempFolder } from './testing/fixtures.ts';
import { startRunnerProcess } from './testing/runner-process.ts';
import { until } from './testing/until.ts';

test('a runner whose log nobody reads any more works on, and ends when it is asked to (H15)', { timeout: 60_000 }, async () => {
  const town = await openFakeTown();
  onTestFinished(() => town.close());
  const runner = startRunnerProcess(town.url, join(tempFolder(), 'state'));
  await until('its first hello', () => town.hellos[0], 20_000);
  runner.child.stdout.destroy();
  town.dropSockets();
  await until('its second hello', () => town.hellos[1], 20_000);
  town.dropSockets();
  await until('its third hello', () => town.hellos[2], 20_000);
  runner.child.kill('SIGTERM');
  expect(await runner.exit).toBe(0);
});
