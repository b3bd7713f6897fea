import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openFakeTown } from './testing/fake-town.ts';
import { tempFolder } from './testing/fixtures.ts';
import { startRunnerProcess } from './testing/runner-process.ts';
import { until } from './testing/until.ts';

test('what a runner compiled is there for the next one as soon as it is linked, however it ends (P19)', { timeout: 60_000 }, async () => {
  const town = await openFakeTown();
  onTestFinished(() => town.close());
  const compiled = tempFolder();
  const runner = startRunnerProcess(town.url, join(tempFolder(), 'state'), { NODE_COMPILE_CACHE: compiled });
  await until('its hello', () => town.hellos[0], 20_000);
  expect(await until('it is written', () => readdirSync(compiled, { recursive: true }).length > 100, 10_000)).toBe(true);
  runner.child.kill('SIGKILL');
  expect(await runner.exit).toBe(null);
});
