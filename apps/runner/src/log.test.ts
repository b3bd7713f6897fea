import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openFakeTown } from './testing/fake-town.ts';
import { AGENT, RIG, RUN, runStart, tempFolder } from './testing/fixtures.ts';
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

test(
  'each line of a runner’s log says of which town it is, and an effect’s of which run, agent and rig (CT-16)',
  { timeout: 60_000 },
  async () => {
    const town = await openFakeTown();
    onTestFinished(() => town.close());
    const runner = startRunnerProcess(town.url, join(tempFolder(), 'state'), { GASTOWN_TOWN: 'town00000001' });
    await until('its hello', () => town.hellos[0], 20_000);
    const failed = await town.perform(runStart('/nowhere', { agentKind: 'nobody' }));
    expect(failed).toMatchObject({ state: 'failed', failure: { code: 'agent_unknown' } });
    runner.child.kill('SIGTERM');
    await runner.exit;
    const lines = runner
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.length).toBeGreaterThan(3);
    expect(new Set(lines.map((line) => line['town']))).toEqual(new Set(['town00000001']));
    expect(lines.filter(({ event }) => event === 'effect.performed')).toMatchObject([
      { kind: 'run.start', runId: RUN, agentId: AGENT, rigId: RIG },
    ]);
  },
);
