import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AgentId, failure, Generation, NudgeId, refuse, RunId } from '@gastown/protocol';
import type { Sha } from '@gastown/protocol';
import { performInRepository } from '../repository-effects.ts';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { AGENT, agentGit, BRANCH, person, RIG, RUN, runStart } from '../testing/fixtures.ts';
import { until } from '../testing/until.ts';
import { gatesOf } from '../testing/worktree-rig.ts';

import { commit, half, setUpRuns, working } from '../testing/runs-rig.ts';

test('what a turn committed is in the repository after its end (DR-11, architecture §4)', async () => {
  let head = '';
  const { start, atForge, runs } = await setUpRuns((cwd) => void (head = commit(cwd, 'b')));
  await start();
  await until('the push', () => atForge() !== '');
  expect(atForge()).toBe(head);
  await runs.stopAll();
});

test('a checkpoint brings the commits to the repository while the turn goes on', async () => {
  const seen: string[] = [];
  const { start, atForge, runs, turnsOver } = await setUpRuns(async (cwd, use) => {
    const head = commit(cwd, 'b');
    expect(await use({ tool: 'checkpoint', args: { data: {} } })).toMatchObject({ ok: true });
    await until('the push', () => atForge() === head);
    seen.push(head);
  });
  await start();
  await turnsOver(1);
  expect(seen).toEqual([atForge()]);
  await runs.stopAll();
});

test('a stop in the middle of a turn pushes the commits and keeps the rest under the rescue ref', async () => {
  let head = '';
  let reached = false;
  const { start, atForge, runs, state } = await setUpRuns(async (cwd) => {
    head = commit(cwd, 'b');
    writeFileSync(join(cwd, 'half'), 'half done');
    reached = true;
    await new Promise(() => undefined);
  });
  await start();
  await until('the work', () => reached);
  await runs.stop(RUN);
  expect(atForge()).toBe(head);
  expect(existsSync(join(state, 'worktrees', RUN))).toBe(false);
  expect(person(join(state, 'rigs', RIG, 'mirror.git'), 'show', `refs/gastown/rescue/${RUN}:half`)).toBe('half done');
}, 30_000);

test('a drain pushes the commits of all live runs', async () => {
  let head = '';
  let open: (() => void) | null = null;
  const { start, atForge, runs } = await setUpRuns((cwd) => {
    head = commit(cwd, 'b');
    return new Promise<void>((resolve) => (open = resolve));
  });
  await start();
  await until('the work', () => open);
  const drained = runs.stopAll();
  open!();
  await drained;
  expect(atForge()).toBe(head);
});

test('a run that handed in pushes no more: a branch that was landed and deleted is not made again (BR-6)', async () => {
  const { start, atForge, runs, forge, turnsOver } = await setUpRuns(async (cwd, use) => {
    commit(cwd, 'b');
    expect(await use({ tool: 'done', args: { summary: 'b' } })).toMatchObject({ ok: true });
    person(forge, 'update-ref', '-d', `refs/heads/${BRANCH}`);
    commit(cwd, 'afterthought');
    await use({ tool: 'done', args: { summary: 'b, once more' } });
    await use({ tool: 'checkpoint', args: { data: {} } });
  });
  await start();
  await turnsOver(1);
  await runs.stop(RUN);
  expect(atForge()).toBe('');
});

test('a start that comes again, while it is under way or when its run is at work, is that run: one session, one first turn, and no failure (AG-11)', async () => {
  let turns = 0;
  const { runs, forge, opened, reports, turnsOver } = await setUpRuns(
    () => void (turns += 1),
    () => void (turns += 1),
  );
  const [first, second] = await Promise.all([runs.start(runStart(forge)), runs.start(runStart(forge))]);
  if (!first.ok || !second.ok) throw new Error('it was refused');
  first.value.begin();
  await turnsOver(1);
  const third = await runs.start(runStart(forge));
  if (!third.ok) throw new Error('it was refused');
  third.value.begin();
  expect([second.value.run, third.value.run]).toEqual([first.value.run, first.value.run]);
  expect([opened, turns, runs.live().map(({ runId }) => runId)]).toEqual([[RUN], 1, [RUN]]);
  expect(third.value.run.outcome).toEqual(first.value.run.outcome);
  expect(reports.filter(({ kind }) => kind === 'run.lost')).toEqual([]);
  await runs.stopAll();
});

test('a refused hand-in is followed by pushes as before', async () => {
  let head = '';
  const { start, atForge, runs, town, turnsOver } = await setUpRuns(async (cwd, use) => {
    commit(cwd, 'b');
    town.answer = () => refuse(failure('no_hook'));
    expect(await use({ tool: 'done', args: { summary: 'b' } })).toMatchObject({ ok: false });
    head = commit(cwd, 'c');
  });
  await start();
  await turnsOver(1);
  await runs.stop(RUN);
  expect(atForge()).toBe(head);
});

test('a branch.delete ends the pushes of a run that still holds the branch (BR-6)', async () => {
  const { start, atForge, runs, turnsOver, forge } = await setUpRuns(
    (cwd) => void commit(cwd, 'b'),
    (cwd) => void commit(cwd, 'c'),
  );
  await start();
  await until('the push', () => atForge() !== '');
  runs.retireBranch(RIG, BRANCH);
  const generation = Generation.parse(1);
  const nudgeId = NudgeId.parse('nu-111111111111');
  const before = atForge();
  await runs.prompt({
    kind: 'run.prompt',
    runId: RUN,
    generation,
    nudgeId,
    text: 'go on',
    source: 'town',
    mode: 'wait-idle',
    again: false,
  });
  await turnsOver(2);
  await runs.stop(RUN);
  expect(atForge()).toBe(before);
  expect(person(forge, 'log', '-1', '--format=%s', BRANCH)).toBe('Add b');
});

test('with the branch of a landed bead goes what is kept of it here: the branch, who held it, what was pushed and rescued, and the worktree (BR-7)', async () => {
  const { start, runs, turnsOver, forge, state, atForge, ...around } = await setUpRuns(async (cwd, use) => {
    commit(cwd, 'b');
    expect(await use({ tool: 'done', args: { summary: 'b' } })).toMatchObject({ ok: true });
    writeFileSync(join(cwd, 'beside'), 'not committed');
  });
  const mirror = join(state, 'rigs', RIG, 'mirror.git');
  const kept = () =>
    person(mirror, 'for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/remotes/origin/gt', 'refs/gastown').split('\n');
  const worktrees = () => readdirSync(join(state, 'worktrees'));
  await start();
  await turnsOver(1);
  expect(worktrees()).toHaveLength(2);
  await runs.stop(RUN);
  expect([worktrees(), kept()]).toEqual([
    [],
    expect.arrayContaining([BRANCH, RUN, `refs/gastown/rescue/${RUN}`].map((part) => expect.stringContaining(part))),
  ]);
  const gates = gatesOf({ ...around, state }, 1_000);
  const effect = { kind: 'branch.delete', rigId: RIG, gitUrl: forge, branch: BRANCH, headCommit: atForge() as Sha } as const;
  const deleted = await performInRepository({ ...gates, locks: makeKeyedLock(), retireBranch: runs.retireBranch }, effect);
  expect(deleted).toEqual({ state: 'succeeded', value: { kind: 'none' } });
  expect([kept(), atForge()]).toEqual([[''], '']);
});

test("a repository that cannot be reached fails neither turn nor stop, and is logged with the failure's code and whose work it was (CT-10, CT-16)", async () => {
  const { start, runs, turnsOver, logged, forge } = await setUpRuns((cwd) => {
    commit(cwd, 'b');
    rmSync(forge, { recursive: true });
  });
  await start();
  await turnsOver(1);
  await runs.stop(RUN);
  const whose = { runId: RUN, agentId: AGENT, rigId: RIG };
  expect(logged).toContainEqual(expect.objectContaining({ event: 'run.save_failed', why: 'turn', code: 'repository_not_found', ...whose }));
});

test.each([
  ['the same agent', {}, 'Toast'],
  ['another agent', { agentId: AgentId.parse('ag-00000002') }, 'Maple'],
])(
  'after a lost disk the repository is cloned anew, and the next run, of %s, has the commits of the last one (DR-10)',
  async (_who, changes, name) => {
    let head = '';
    let cwd = '';
    const { start, atForge, runs, state } = await setUpRuns(
      (place) => void (head = commit(place, 'b')),
      (place) => void (cwd = place),
    );
    await start();
    await until('the push', () => head !== '' && atForge() === head);
    await runs.stop(RUN);
    rmSync(join(state, 'rigs', RIG), { recursive: true });
    const { context } = runStart(null);
    const branch = name === 'Toast' ? BRANCH : 'gt/maple/1a2b3c4d';
    await start({
      ...changes,
      runId: RunId.parse('run-000000000002'),
      startFrom: BRANCH,
      context: { ...context, agent: { ...context.agent, name }, branch },
    });
    await until('the second turn', () => cwd);
    expect(agentGit(cwd, 'rev-parse', 'HEAD')).toBe(head);
    expect(agentGit(cwd, 'symbolic-ref', '--short', 'HEAD')).toBe(branch);
    await runs.stopAll();
  },
);

test.each(['agent_crashed', 'agent_stalled'] as const)(
  'after %s the work is kept first, then the town is told; its stop waits for the same end and takes nothing away from it',
  async (code) => {
    const { made, turn, begun } = working();
    const { start, runs, state, crash, town, atForge, forge, logged, reports } = await setUpRuns(turn);
    await start();
    await begun();
    const seen: string[] = [];
    let stopped: Promise<void> | null = null;
    town.hear = (report) => {
      if (report.kind !== 'run.lost') return;
      seen.push(atForge(), half(forge), half(join(state, 'rigs', RIG, 'mirror.git')));
      stopped = runs.stop(RUN);
    };
    crash(code);
    await until('the loss is told', () => stopped !== null);
    await stopped;
    expect(seen).toEqual([made.head, 'half done', 'half done']);
    expect(reports.filter(({ kind }) => kind === 'run.lost')).toMatchObject([{ failure: { code } }]);
    expect(readdirSync(join(state, 'worktrees'))).toEqual([]);
    expect(existsSync(join(state, 'rescued'))).toBe(false);
    expect(logged.filter(({ event }) => /failed|aside|not_/.test(String(event)))).toEqual([]);
    expect(runs.live()).toEqual([]);
  },
  30_000,
);

test('one run that cannot be cleared ends no drain: the town is told of its end and of the others, and its work stays where it is', async () => {
  const { turn, begun } = working();
  const { start, runs, state, reports, logged } = await setUpRuns(turn);
  await start();
  await begun();
  // What git cannot take whole.
  agentGit(join(state, 'worktrees', RUN), 'init', '-q', 'nested');
  // Where it would be put aside there is no place.
  writeFileSync(join(state, 'rescued'), '');
  const drained = runs.drain();
  await runs.evictAll();
  await drained;
  expect(reports.at(-1)).toMatchObject({ kind: 'run.lost', runId: RUN, failure: { code: 'runner_drained' } });
  expect(readFileSync(join(state, 'worktrees', RUN, 'half'), 'utf8')).toBe('half done');
  expect(logged).toContainEqual(expect.objectContaining({ event: 'run.end_failed', step: 'clear' }));
}, 30_000);

test('a drain waits for the end of a run that was lost just before, until its worktree is cleared', async () => {
  const { turn, begun } = working();
  const { start, runs, crash, storeAfter, reports, state } = await setUpRuns(turn);
  let store: () => void = () => undefined;
  storeAfter(new Promise((resolve) => (store = resolve)));
  await start();
  await begun();
  crash('agent_crashed');
  let drained = false;
  const draining = runs.drain().then(() => (drained = true));
  await new Promise(setImmediate);
  expect(drained).toBe(false);
  store();
  await draining;
  expect(reports.at(-1)).toMatchObject({ kind: 'run.lost', failure: { code: 'agent_crashed' } });
  expect(readdirSync(join(state, 'worktrees'))).toEqual([]);
}, 30_000);

test('of two hand-ins at a time the refusal of one lets no push go while the other is looked at, nor after it (BR-6)', async () => {
  let handedIn = '';
  const { start, atForge, runs, town, turnsOver } = await setUpRuns(async (cwd, use) => {
    handedIn = commit(cwd, 'b');
    let asked = 0;
    town.answer = async ({ tool }) => {
      if (tool !== 'done') return town.recorded;
      asked += 1;
      if (asked === 1) return refuse(failure('no_hook'));
      commit(cwd, 'afterthought');
      await use({ tool: 'checkpoint', args: { data: {} } });
      return town.recorded;
    };
    await Promise.all([use({ tool: 'done', args: { summary: 'b' } }), use({ tool: 'done', args: { summary: 'b' } })]);
  });
  await start();
  await turnsOver(1);
  await runs.stop(RUN);
  expect(atForge()).toBe(handedIn);
});

test('a start that fails leaves no folder and no note', async () => {
  const { forge, runs, state } = await setUpRuns();
  const started = await runs.start(runStart(forge, { context: { ...runStart(null).context, branch: 'a..b' } }));
  expect(started).toMatchObject({ ok: false, failure: { code: 'setup_failed' } });
  expect(readdirSync(join(state, 'worktrees'))).toEqual([]);
});

const setup = (command: string, required = true, timeoutMs = 20_000) => ({ command, required, timeoutMs });

test('setup commands run in the worktree before the session opens, one after the other, and are told in the transcript (AG-22)', async () => {
  let seen = '';
  const { start, runs, items, turnsOver } = await setUpRuns((cwd) => void (seen = readFileSync(join(cwd, 'made'), 'utf8')));
  await start({ setup: [setup('echo one > made'), setup('echo "no such tool" >&2; exit 3', false), setup('echo two >> made')] });
  await turnsOver(1);
  expect(seen).toBe('one\ntwo\n');
  const told = items.flatMap((item) => (item.kind === 'notice' && item.code === 'setup' ? [item.text] : []));
  expect(told).toEqual([
    'Setup: echo one > made succeeded.',
    'Setup: echo "no such tool" >&2; exit 3 ended with exit code 3.\nno such tool',
    'Setup: echo two >> made succeeded.',
  ]);
  await runs.stopAll();
});

/** A town has setup commands of its own: either place may hold the one that failed. */
const SETUP_PLACES = expect.stringMatching(/Settings › Repositories.*Settings › Agents/);
test('a required setup command that fails or takes too long ends the start with its output; no session opens and no worktree stays (AG-22)', async () => {
  const { forge, runs, state, items } = await setUpRuns();
  for (const [command, timeoutMs, why] of [
    ['echo broken; exit 7', 20_000, /ended with exit code 7/],
    ['echo broken; sleep 60', 1_000, /took longer than the 1 seconds/],
  ] as const) {
    const started = await runs.start(runStart(forge, { setup: [setup(command, true, timeoutMs), setup('touch never')] }));
    expect(started).toMatchObject({
      ok: false,
      failure: { code: 'setup_failed', message: expect.stringMatching(why), details: { command, output: 'broken' }, next: SETUP_PLACES },
    });
    expect(existsSync(join(state, 'worktrees', RUN))).toBe(false);
  }
  expect(items).toHaveLength(2);
  expect(runs.live()).toEqual([]);
});
