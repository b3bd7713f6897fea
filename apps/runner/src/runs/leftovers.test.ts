import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AgentId, BeadId, RunId, workBranch } from '@gastown/protocol';
import { createBareRepo, seedRepo } from '@gastown/rehearsal';
import type { Cell } from '../system/cell.ts';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { agentGit, context, gitSurroundings, person, runStart, tempFolder } from '../testing/fixtures.ts';
import { until } from '../testing/until.ts';
import { findLeftovers } from './leftovers.ts';
import { makePlace } from './place.ts';

const runOf = (at: number): RunId => RunId.parse(`run-00000000000${at}`);
const branchOf = (at: number) => workBranch('Toast', BeadId.parse(`web-0000000${at}`));

/** What a runner that died left: so many worktrees, each with a commit and a file that is not committed. The git of those in `stuck` waits until it is let go. */
async function died(count: number, stuck: readonly number[]) {
  const state = tempFolder();
  const forge = join(state, 'forge.git');
  await seedRepo(await createBareRepo(forge), [{ path: 'a.txt', content: 'a\n' }], 'first');
  const surroundings = await gitSurroundings(state);
  const said: string[] = [];
  const around = { ...surroundings, state, locks: makeKeyedLock(), log: (event: string) => void said.push(event) };
  const pathOf = (at: number): string => join(state, 'worktrees', runOf(at));
  for (let at = 1; at <= count; at++) {
    const start = runStart(forge, {
      runId: runOf(at),
      agentId: AgentId.parse(`ag-0000000${at}`),
      context: context({ branch: branchOf(at) }),
    });
    const made = await makePlace(around, start, 'kilo-test');
    if (!made.ok) throw new Error(made.failure.message);
    writeFileSync(join(pathOf(at), 'done.txt'), 'done');
    agentGit(pathOf(at), 'add', '-A');
    agentGit(pathOf(at), 'commit', '-qm', 'done');
    writeFileSync(join(pathOf(at), 'half.txt'), 'half');
  }
  const free = Promise.withResolvers<void>();
  const gitOf = (cell: Cell): ReturnType<typeof surroundings.gitOf> => {
    const git = surroundings.gitOf(cell);
    return async (call, ...args) => {
      if (stuck.some((at) => pathOf(at) === call.cwd)) await free.promise;
      return git(call, ...args);
    };
  };
  return { around: { ...around, gitOf }, state, forge, said, pathOf, free: () => free.resolve() };
}

const saysWhen = (promise: Promise<unknown>) => {
  const state = { over: false };
  void promise.then(() => (state.over = true));
  return state;
};
const atForge = (forge: string, ref: string): string => person(forge, 'for-each-ref', '--format=%(refname)', ref);

test('worktrees that take long hold up neither the others nor who goes on with other work; what they held is kept when they come to an end (DR-7, DR-9)', async () => {
  const { around, state, forge, pathOf, free, said } = await died(6, [1, 2, 3]);
  const leftovers = await findLeftovers(around);
  const whole = saysWhen(leftovers.cleared);
  const same = [saysWhen(leftovers.of([branchOf(1)])), saysWhen(leftovers.of([], runOf(2)))];
  await leftovers.of([branchOf(4), branchOf(5), branchOf(6)]);
  expect([4, 5, 6].map((at) => existsSync(pathOf(at)))).toEqual([false, false, false]);
  expect([whole, ...same].map(({ over }) => over)).toEqual([false, false, false]);
  const pushed = leftovers.push();
  await until('what is kept is in the repository', () => atForge(forge, `refs/gastown/rescue/${runOf(6)}`) !== '');
  free();
  await pushed;
  expect([whole, ...same].map(({ over }) => over)).toEqual([true, true, true]);
  for (const at of [1, 2, 3, 4, 5, 6]) {
    expect(person(forge, 'log', '-1', '--format=%s', branchOf(at))).toBe('done');
    expect(person(forge, 'show', `refs/gastown/rescue/${runOf(at)}:half.txt`)).toBe('half');
  }
  expect(readdirSync(join(state, 'worktrees'))).toEqual([]);
  expect(said).not.toContain('run.put_aside');
});

test('a stop that comes for a run whose worktree is being cleared clears it with the first, not beside it', async () => {
  const { around, state, free, said } = await died(1, [1]);
  const first = await findLeftovers(around);
  const second = await findLeftovers(around);
  free();
  await Promise.all([first.cleared, second.cleared]);
  expect(said).toEqual(['run.rescued']);
  expect(existsSync(join(state, 'rescued'))).toBe(false);
});

test('what was half made is out of the way at once, so that the same run can be made anew', async () => {
  const { around, state, free } = await died(1, [1]);
  const making = join(state, 'worktrees', `.making-${runOf(2)}`);
  mkdirSync(making);
  const leftovers = await findLeftovers(around);
  expect(existsSync(making)).toBe(false);
  free();
  await leftovers.cleared;
  expect(readdirSync(join(state, 'worktrees'))).toEqual([]);
});

test('what ends with the runner is not put aside for that: the next start keeps it (DR-9)', async () => {
  const { around, state, forge, said } = await died(1, []);
  const killed = { ok: false, exitCode: 128, timedOut: false, out: '', error: 'the remote end hung up' };
  const ending = { ...around, gitOf: () => () => Promise.resolve(killed), stopping: () => true };
  await (
    await findLeftovers(ending)
  ).cleared;
  expect(said).toEqual(['run.not_cleared']);
  expect(existsSync(join(state, 'rescued'))).toBe(false);
  const next = await findLeftovers(around);
  await next.push();
  expect(person(forge, 'log', '-1', '--format=%s', branchOf(1))).toBe('done');
});
