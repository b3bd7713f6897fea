import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RigId } from '@gastown/protocol';
import { createBareRepo, seedRepo } from '@gastown/rehearsal';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { BRANCH, RIG, RUN } from '../testing/fixtures.ts';
import { commit, worktreeRig } from '../testing/worktree-rig.ts';
import { forgetGoneRigs } from './gone.ts';
import { pushWorkBranch } from './push.ts';

const OTHER = RigId.parse('rig-00000009');

async function setUp() {
  const one = await worktreeRig(async (forge) => seedRepo(await createBareRepo(forge), [{ path: 'a.txt', content: 'a\n' }], 'first'));
  mkdirSync(join(one.folder, 'worktrees'), { recursive: true });
  const said: string[] = [];
  const around = {
    git: one.git,
    locks: makeKeyedLock(),
    state: one.folder,
    log: (event: string, data: object = {}) => void said.push(`${event} ${JSON.stringify(data)}`),
  };
  const forget = (...known: RigId[]) => forgetGoneRigs(around, known);
  return { ...one, said, forget, there: () => existsSync(join(one.folder, 'rigs', RIG)) };
}

test('what is kept of a rig that the town has no more goes: mirror, caches, what its tests left; of others it stays (design/runner.md §2)', async () => {
  const { folder, forget, said, there, cells } = await setUp();
  const gate = cells.borrowGate(RIG);
  const cache = join(folder, 'rigs', RIG, 'caches', '0');
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'package'), 'x');
  gate.giveBack();
  await forget(RIG);
  expect(there()).toBe(true);
  await forget(OTHER);
  expect(there()).toBe(false);
  expect(said).toEqual([`rig.removed ${JSON.stringify({ rigId: RIG })}`]);
});

test('a rig stays while work is under way on it, a run or a test of a merge, and goes when that is over', async () => {
  const { folder, forget, there } = await setUp();
  const note = join(folder, 'worktrees', `${RUN}.json`);
  writeFileSync(note, JSON.stringify({ rigId: RIG }));
  await forget();
  expect(there()).toBe(true);
  rmSync(note);
  const testing = join(folder, 'rigs', RIG, 'gates', 'mr-1');
  mkdirSync(testing, { recursive: true });
  await forget();
  expect(there()).toBe(true);
  rmSync(testing, { recursive: true });
  await forget();
  expect(there()).toBe(false);
});

test('commits that its repository was never seen to have keep it, pushed they do not (I1)', async () => {
  const { prepare, take, path, forget, there, said, git, remotes, mirror } = await setUp();
  await prepare();
  commit(path, 'a.txt', 'mine\n');
  const head = await take();
  await forget();
  expect([there(), said.at(-1)]).toEqual([true, `rig.kept ${JSON.stringify({ rigId: RIG, why: `commit ${head} is only here` })}`]);
  expect(await pushWorkBranch(git, remotes, mirror, { branch: BRANCH, head, expected: null })).toMatchObject({ ok: true });
  await forget();
  expect(there()).toBe(false);
});

test('a folder that is no rig is left alone, and one that cannot be removed breaks nothing', async () => {
  const { folder, forget, said } = await setUp();
  mkdirSync(join(folder, 'rigs', 'notes'));
  mkdirSync(join(folder, 'rigs', OTHER), { recursive: true });
  writeFileSync(join(folder, 'rigs', OTHER, 'caches'), 'no folder');
  await forget(RIG);
  expect(readdirSync(join(folder, 'rigs')).toSorted()).toEqual([RIG, OTHER, 'notes'].toSorted());
  expect(said).toMatchObject([expect.stringContaining('rig.not_removed')]);
});
