import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { BRANCH, person, RIG, RUN, runStart } from '../testing/fixtures.ts';
import { commit, half, setUpRuns, working } from '../testing/runs-rig.ts';
import { until } from '../testing/until.ts';
import { noteAside } from './aside.ts';

test('all that is done as the agent’s user before and after its session keeps that user from being ended', async () => {
  const { made, turn, begun } = working();
  const { start, runs, unheld, atForge, forge } = await setUpRuns(turn);
  await start({ setup: [{ command: 'echo ready', required: true, timeoutMs: 10_000 }] });
  await begun();
  await runs.stop(RUN);
  expect([atForge(), half(forge)]).toEqual([made.head, 'half done']);
  expect(unheld).toEqual([]);
}, 30_000);

test('commits that the end of a run could not take over, and the clearing of its worktree could, are in the repository (architecture §4)', async () => {
  const { made, turn, begun } = working();
  const { start, runs, breaks, logged, atForge, forge } = await setUpRuns(turn);
  await start();
  await begun();
  breaks.takes = () => !logged.some(({ event, why }) => event === 'run.save_failed' && why === 'end');
  await runs.stop(RUN);
  expect([atForge(), half(forge)]).toEqual([made.head, 'half done']);
}, 30_000);

test('a start waits for what an earlier runner left of its branch, and the deletion of the branch too', async () => {
  const { start, runs, left, state } = await setUpRuns();
  const cleared = Promise.withResolvers<unknown>();
  const asked: unknown[] = [];
  left.of = (...wanted) => (asked.push(wanted), cleared.promise);
  const started = start();
  let deleted = false;
  const retired = runs.retireBranch(RIG, BRANCH).then(() => (deleted = true));
  await new Promise(setImmediate);
  expect(asked).toEqual([[[BRANCH, null], RUN], [[BRANCH]]]);
  expect([existsSync(join(state, 'rigs', RIG)), deleted]).toEqual([false, false]);
  cleared.resolve([]);
  await Promise.all([started, retired]);
  await runs.stop(RUN);
}, 30_000);

test('what comes after a hand-in that the town did not answer goes beside the branch at the end of the run, also when its worktree is cleared', async () => {
  const made = { handedIn: '', after: '' };
  const { start, runs, town, atForge, forge } = await setUpRuns(async (cwd, use) => {
    made.handedIn = commit(cwd, 'b');
    town.answer = (call) => {
      if (call.tool === 'done') made.after = commit(cwd, 'c');
      return new Promise(() => undefined);
    };
    await use({ tool: 'done', args: { summary: 'b' } });
  });
  await start();
  await until('the work', () => made.after !== '');
  await runs.stop(RUN);
  expect(atForge()).toBe(made.handedIn);
  expect(person(forge, 'rev-parse', `refs/gastown/rescue/${RUN}^`)).toBe(made.after);
}, 30_000);

test('the deletion of a landed branch tells that what was put aside of its bead has a month from then on', async () => {
  const { runs, state } = await setUpRuns();
  await noteAside(state, 'run-1-1', { rigId: RIG, branch: BRANCH });
  await runs.retireBranch(RIG, BRANCH);
  expect(JSON.parse(readFileSync(join(state, 'rescued-notes', 'run-1-1.json'), 'utf8'))).toEqual({
    rigId: RIG,
    branch: BRANCH,
    landedAt: expect.any(Number),
  });
});

test('a start that would wait too long for what was left is refused, and says what it waits for; it comes again at the cost of nothing (CT-13, I10)', async () => {
  const { runs, left, forge, state } = await setUpRuns();
  left.of = () => new Promise(() => undefined);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const started = runs.start(runStart(forge));
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await started).toMatchObject({ ok: false, failure: { code: 'runner_keeping' } });
  expect(existsSync(join(state, 'rigs', RIG))).toBe(false);
});
