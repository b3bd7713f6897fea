import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AgentId, failure, LIMITS, RunId } from '@gastown/protocol';
import { agentGit, RUN, runStart } from '../testing/fixtures.ts';
import { setUpRuns, working } from '../testing/runs-rig.ts';
import { until } from '../testing/until.ts';
import type { Runs } from './runs.ts';

const NEXT = RunId.parse('run-000000000002');
const { context } = runStart(null);
const OTHER_WORK = { runId: NEXT, context: { ...context, branch: 'gt/toast/99999999' } };
const OTHER_AGENT = { runId: NEXT, agentId: AgentId.parse('ag-00000002') };
const NEITHER = { ...OTHER_WORK, runId: RunId.parse('run-000000000003'), agentId: AgentId.parse('ag-00000003') };

test('a run of other work begins while what the run of its agent before it made is on its way to the repository (P16)', async () => {
  const { turn, begun } = working();
  const { start, runs, storeAfter } = await setUpRuns(turn);
  await start();
  await begun();
  const stored = Promise.withResolvers<void>();
  storeAfter(stored.promise);
  const stopped = runs.stop(RUN);
  await start(OTHER_WORK);
  expect(runs.live().map(({ runId }) => runId)).toEqual([RUN, NEXT]);
  stored.resolve();
  await stopped;
  expect(runs.live()).toMatchObject([{ runId: NEXT }]);
  await runs.stopAll();
}, 30_000);

test('its worktree is made meanwhile, and its session opens when that of the run before it is closed: never two of one agent (AG-12)', async () => {
  const { turn, begun } = working();
  const { start, runs, closes, opened, state } = await setUpRuns(turn);
  await start();
  await begun();
  const closed = Promise.withResolvers<void>();
  closes.after = () => closed.promise;
  const started = start(OTHER_WORK);
  // Worktrees of a rig are made one after the other: by now the next one's is.
  await start(NEITHER);
  expect([existsSync(join(state, 'worktrees', NEXT, 'a.txt')), opened]).toEqual([true, [RUN, NEITHER.runId]]);
  closed.resolve();
  await started;
  expect(opened).toEqual([RUN, NEITHER.runId, NEXT]);
  await runs.stopAll();
}, 30_000);

test('a run of the same work waits until what was made before it is kept, whichever agent made it, and goes on from there (DR-9)', async () => {
  const { made, turn, begun } = working();
  let cwd = '';
  const { start, runs, closes, state } = await setUpRuns(
    turn,
    () => undefined,
    (place) => void (cwd = place),
  );
  await start();
  await begun();
  const closed = Promise.withResolvers<void>();
  closes.after = () => closed.promise;
  const stopped = runs.stop(RUN);
  const started = start(OTHER_AGENT);
  // Worktrees of a rig are made one after the other: by now the next one's would be.
  await start(NEITHER);
  expect(existsSync(join(state, 'worktrees', NEXT))).toBe(false);
  closed.resolve();
  await Promise.all([stopped, started]);
  await until('the next turn', () => cwd);
  expect(agentGit(cwd, 'rev-parse', 'HEAD')).toBe(made.head);
  await runs.stopAll();
}, 30_000);

test('a run of the same work waits also where the town was told of the end because keeping what was made takes very long (DR-9)', async () => {
  const { turn, begun } = working();
  const { start, runs, crash, breaks, reports, left } = await setUpRuns(turn);
  await start();
  await begun();
  const kept = Promise.withResolvers<void>();
  breaks.waits = () => kept.promise;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  crash('agent_crashed');
  await vi.advanceTimersByTimeAsync(3 * LIMITS.effectTimeoutMs.value);
  vi.useRealTimers();
  expect(reports.at(-1)?.kind).toBe('run.lost');
  const looked = Promise.withResolvers<void>();
  left.of = () => (looked.resolve(), Promise.resolve([]));
  const next = start({ runId: NEXT });
  await looked.promise;
  await new Promise(setImmediate);
  expect(runs.preparing()).toEqual([]);
  kept.resolve();
  await next;
  expect(runs.live()).toMatchObject([{ runId: NEXT }]);
  await runs.stopAll();
}, 30_000);

test('a start that was stopped while its worktree was made goes no further: no setup command, no session beside that of the next run of its agent (AG-12, I18)', async () => {
  const { start, runs, breaks, opened, state } = await setUpRuns();
  const fetched = Promise.withResolvers<void>();
  breaks.waits = () => fetched.promise;
  const ran = join(state, 'ran');
  const stopped = start({ setup: [{ command: `touch '${ran}'`, timeoutMs: 10_000, required: true }] });
  await until('its worktree is made', () => runs.preparing().length > 0);
  const stop = runs.stop(RUN);
  const next = start({ runId: NEXT });
  fetched.resolve();
  await expect(stopped).rejects.toThrow('This run has ended.');
  await Promise.all([stop, next]);
  expect([opened, existsSync(ran), existsSync(join(state, 'worktrees', RUN))]).toEqual([[NEXT], false, false]);
  await runs.stopAll();
}, 30_000);

test.each([
  ['that was stopped', ({ stop }: Runs) => stop(RUN), 'This run has ended.'],
  ['whose runner ends', ({ drain }: Runs) => drain(), failure('runner_drained').message],
])(
  'a start %s waits for no setup command: that is ended with it (AG-22, DR-1)',
  async (_, ended, why) => {
    const { start, runs, state } = await setUpRuns();
    const setup = [`touch begun; sleep 600`, 'true'].map((command) => ({ command, timeoutMs: 700_000, required: true }));
    const started = start({ setup });
    await until('the command runs', () => existsSync(join(state, 'worktrees', RUN, 'begun')));
    const end = ended(runs);
    await expect(started).rejects.toThrow(why);
    await end;
    expect(existsSync(join(state, 'worktrees', RUN))).toBe(false);
  },
  30_000,
);
