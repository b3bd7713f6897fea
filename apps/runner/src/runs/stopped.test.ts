import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AgentId, BeadId, RunId, workBranch } from '@gastown/protocol';
import { context, RIG, RUN, runStart } from '../testing/fixtures.ts';
import { setUpRuns } from '../testing/runs-rig.ts';
import { until } from '../testing/until.ts';

/** A server of repositories that takes what it is asked and says nothing, for ever. */
async function silentForge() {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await until('the server', () => server.listening);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/acme/web.git`;
  return { url, isAsked: () => spawnSync('pgrep', ['-f', url]).status === 0 };
}
const OTHER = RunId.parse('run-0000000000ff');
const other = context({
  agent: { ...context().agent, id: AgentId.parse('ag-000000ff'), name: 'Maple' },
  bead: { ...context().bead!, id: BeadId.parse('gt-000000ff') },
  branch: workBranch('Maple', BeadId.parse('gt-000000ff')),
});

test('a start that is stopped in the midst of a long git command ends it, and the next start of that work finds all in order (GT-1, DR-9, I8)', async () => {
  const { runs, forge, state } = await setUpRuns();
  const silent = await silentForge();
  const started = runs.start(runStart(silent.url));
  await until('the fetch', silent.isAsked);
  await runs.stop(RUN);
  expect(await started).toMatchObject({ ok: false, failure: { code: 'run_over' } });
  expect(silent.isAsked()).toBe(false);
  expect(existsSync(join(state, 'worktrees', RUN))).toBe(false);
  expect(readdirSync(join(state, 'rigs', RIG, 'mirror.git'), { recursive: true }).filter((name) => String(name).endsWith('.lock'))).toEqual(
    [],
  );
  expect(await runs.start(runStart(forge, { runId: OTHER }))).toMatchObject({ ok: true });
  expect(existsSync(join(state, 'worktrees', OTHER, 'a.txt'))).toBe(true);
  await runs.stopAll();
}, 20_000);

test('one that waits for the place of another is stopped at once, and makes none when its turn comes; the other goes on (DR-9, I8)', async () => {
  const { runs, forge, state, breaks, logged } = await setUpRuns();
  const silent = await silentForge();
  const first = runs.start(runStart(silent.url));
  await until('the fetch', silent.isAsked);
  let asked = 0;
  breaks.waits = () => Promise.resolve(void (asked += 1));
  const second = runs.start(runStart(forge, { runId: OTHER, agentId: other.agent.id, context: other }));
  await until('it waits', () => runs.preparing().length === 2);
  await runs.stop(OTHER);
  expect(await second).toMatchObject({ ok: false, failure: { code: 'run_over' } });
  expect(silent.isAsked()).toBe(true);
  await runs.stop(RUN);
  await first;
  await runs.start(runStart(forge, { runId: RunId.parse('run-0000000000fe') }));
  expect(readdirSync(join(state, 'worktrees')).filter((name) => name.startsWith(OTHER))).toEqual([]);
  expect(logged.filter(({ event }) => event === 'run.not_cleared')).toEqual([]);
  expect(asked).toBeGreaterThan(0);
  await runs.stopAll();
}, 20_000);

test('a runner that ends waits for no fetch of a start (DR-1)', async () => {
  const { runs } = await setUpRuns();
  const silent = await silentForge();
  const started = runs.start(runStart(silent.url));
  await until('the fetch', silent.isAsked);
  await runs.drain();
  expect(await started).toMatchObject({ ok: false, failure: { code: 'runner_drained' } });
  expect(silent.isAsked()).toBe(false);
}, 20_000);
