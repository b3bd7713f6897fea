import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { RunId, type FromRunner } from '@gastown/protocol';
import { AGENT, context, MAYOR, person, RUN, runStart } from './testing/fixtures.ts';
import { reportsOf, script } from './testing/runner-process.ts';
import { runningRunner } from './testing/running.ts';
import { until } from './testing/until.ts';

type Intercept = (frame: FromRunner, socket: WebSocket) => boolean;

/** A worker that plays these steps, in a runner that was started with this grace. */
async function worker(steps: unknown[], graceMs: number, intercept?: Intercept) {
  const { forge, town, runner } = await runningRunner({
    environment: { GASTOWN_DRAIN_MS: String(graceMs) },
    ...(intercept && { town: { intercept } }),
  });
  const start = runStart(forge, { context: context({ bead: { ...context().bead!, body: script(steps) } }) });
  expect(await town.perform(start)).toMatchObject({ state: 'succeeded' });
  return { forge, town, runner, start };
}
const bash = (command: string) => ({ tool: 'bash', args: { command, description: 'work' } });
const kinds = (town: { reports: { kind: string }[] }) =>
  town.reports.map(({ kind }) => kind).filter((kind) => kind !== 'status' && kind !== 'renew');

test(
  'SIGTERM: a turn under way ends by itself within the grace, its commits are pushed, then its run ends as drained; nothing new is taken (DR-1, DR-2)',
  { timeout: 90_000 },
  async () => {
    const { forge, town, runner, start } = await worker(
      [bash('sleep 3; echo done > work.txt; git add work.txt; git commit -qm work'), { text: 'finished' }],
      60_000,
    );
    await until('its turn', () => reportsOf(town, 'turn.started')[0], 40_000);
    runner.child.kill('SIGTERM');
    await until('draining', () => reportsOf(town, 'draining')[0]);
    town.send({ t: 'effect', effectId: 'ef-999999999999' as never, effect: { ...start, runId: RunId.parse('run-000000000009') } });
    expect(await runner.exit).toBe(0);
    expect(kinds(town)).toEqual(['outcome', 'turn.started', 'draining', 'turn.ended', 'run.lost']);
    expect(reportsOf(town, 'turn.ended')[0]).toMatchObject({ failure: null, stopReason: 'end_turn' });
    expect(reportsOf(town, 'run.lost')[0]).toMatchObject({ runId: RUN, failure: { code: 'runner_drained' } });
    expect(person(forge, 'log', '--format=%s', start.context.branch!)).toContain('work');
  },
);

test(
  'after the grace the turn is cut; what was not committed is in the repository, apart from the work branch, before the town hears of the end (DR-1, DR-7)',
  { timeout: 90_000 },
  async () => {
    let rescuedWhenTold: string | null = null;
    const { forge, town, runner } = await worker([bash('echo half > half.txt; sleep 300'), { text: 'never' }], 1_000, (frame) => {
      if (frame.t === 'report' && frame.report.kind === 'run.lost')
        rescuedWhenTold = person(forge, 'show', `refs/gastown/rescue/${RUN}:half.txt`);
      return false;
    });
    await until(
      'the command runs',
      () => [...town.items.values()].some((item) => item.kind === 'tool' && item.state === 'running'),
      40_000,
    );
    const began = Date.now();
    runner.child.kill('SIGTERM');
    expect(await runner.exit).toBe(0);
    expect(Date.now() - began).toBeLessThan(20_000);
    expect(rescuedWhenTold).toBe('half');
    expect(kinds(town).slice(-2)).toEqual(['draining', 'run.lost']);
    expect(reportsOf(town, 'turn.ended')).toEqual([]);
  },
);

test('an idle session ends at once; one who asks again does not want to wait for the turns', { timeout: 90_000 }, async () => {
  const { town, runner } = await worker([bash('sleep 300'), { text: 'never' }], 200_000);
  await until('the command runs', () => [...town.items.values()].some((item) => item.kind === 'tool' && item.state === 'running'), 40_000);
  const idle = mayor();
  expect(await town.perform(idle)).toMatchObject({ state: 'succeeded' });
  runner.child.kill('SIGTERM');
  expect(await until('the idle one', () => reportsOf(town, 'run.lost')[0])).toMatchObject({ runId: idle.runId });
  expect(reportsOf(town, 'run.lost')).toHaveLength(1);
  runner.child.kill('SIGTERM');
  expect(await runner.exit).toBe(0);
  expect(reportsOf(town, 'run.lost')).toHaveLength(2);
});

test('a start that hangs and a town that hears nothing keep nobody: it ends in time all the same (DR-5)', { timeout: 90_000 }, async () => {
  let deaf = false;
  const { town, runner, start } = await worker([bash('sleep 300'), { text: 'never' }], 500, (frame) => deaf && frame.t !== 'hello');
  await until('its turn', () => reportsOf(town, 'turn.started')[0], 40_000);
  deaf = true;
  // Another model: another process, which asks for a token that it never gets.
  town.send({
    t: 'effect',
    effectId: 'ef-888888888888' as never,
    effect: { ...start, runId: RunId.parse('run-00000000000b'), agentId: OTHER, model: 'another' },
  });
  const began = Date.now();
  runner.child.kill('SIGTERM');
  expect(await runner.exit).toBe(0);
  expect(Date.now() - began).toBeLessThan(30_000);
  expect(runner.output()).toContain('"told":false');
});
const OTHER = AGENT.replace(/.$/, '9') as typeof AGENT;
const mayor = () =>
  runStart(null, {
    runId: RunId.parse('run-00000000000a'),
    agentId: MAYOR,
    context: context({
      agent: { id: MAYOR, name: 'Mayor', role: 'mayor', identity: 'mayor' },
      rig: null,
      bead: null,
      branch: null,
      targetBranch: null,
    }),
  });
