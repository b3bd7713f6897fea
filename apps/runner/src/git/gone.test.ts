import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RigId } from '@gastown/protocol';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { BRANCH, RIG, RUN } from '../testing/fixtures.ts';
import { commit, worktreeRig } from '../testing/worktree-rig.ts';
import { clearHalfGone, holdsTown, makeGoneRigs } from './gone.ts';
import { pushWorkBranch } from './push.ts';

const OTHER = RigId.parse('rig-00000009');

async function setUp() {
  const one = await worktreeRig();
  mkdirSync(join(one.folder, 'worktrees'), { recursive: true });
  const said: string[] = [];
  const around = {
    git: one.git,
    locks: makeKeyedLock(),
    state: one.folder,
    log: (event: string, data: object = {}) => void said.push(`${event} ${JSON.stringify(data)}`),
  };
  const rigs = makeGoneRigs(around);
  const forget = (...known: RigId[]) => rigs.told(known);
  return { ...one, said, forget, workEnded: rigs.workEnded, there: () => existsSync(join(one.folder, 'rigs', RIG)) };
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

test('a rig stays while work is under way on it, a run or a test of a merge, and goes as soon as that is over; it is told once', async () => {
  const { folder, forget, workEnded, said, there } = await setUp();
  const note = join(folder, 'worktrees', `${RUN}.json`);
  writeFileSync(note, JSON.stringify({ rigId: RIG }));
  await forget();
  const testing = join(folder, 'rigs', RIG, 'gates', 'mr-1');
  mkdirSync(testing, { recursive: true });
  rmSync(note);
  await workEnded();
  expect(there()).toBe(true);
  rmSync(testing, { recursive: true });
  await workEnded();
  expect(there()).toBe(false);
  await workEnded();
  expect(said).toEqual([
    `rig.kept ${JSON.stringify({ rigId: RIG, why: 'a run works in it' })}`,
    `rig.removed ${JSON.stringify({ rigId: RIG })}`,
  ]);
});

test('the end of work takes no rig that the town has, or that is kept for another reason', async () => {
  const { folder, forget, workEnded, prepare, path, take, there, said } = await setUp();
  const note = join(folder, 'worktrees', `${RUN}.json`);
  writeFileSync(note, JSON.stringify({ rigId: RIG }));
  await forget();
  await forget(RIG);
  rmSync(note);
  await workEnded();
  expect(there()).toBe(true);
  await prepare();
  commit(path, 'a.txt', 'mine\n');
  await take();
  await forget();
  const told = said.length;
  await workEnded();
  expect([there(), said.length]).toEqual([true, told]);
});

test('it stays while a worktree that was put aside borrows from it, and while a pushed branch has files in Git LFS that may be only here', async () => {
  const { folder, forget, there, said, prepare, path, take, git, remotes, mirror } = await setUp();
  await prepare();
  commit(path, 'a.txt', 'mine\n');
  const head = await take();
  expect(await pushWorkBranch(git, remotes, mirror, { branch: BRANCH, head, expected: null })).toMatchObject({ ok: true });
  mkdirSync(join(folder, 'rescued'));
  renameSync(path, join(folder, 'rescued', 'run-1'));
  await forget();
  expect(said.at(-1)).toContain('rescued/run-1 borrows from it');
  rmSync(join(folder, 'rescued', 'run-1'), { recursive: true });
  mkdirSync(join(mirror.path, 'lfs', 'objects', 'aa'), { recursive: true });
  await forget();
  expect(said.at(-1)).toContain(`refs/heads/${BRANCH} has files in Git LFS`);
  rmSync(join(mirror.path, 'lfs', 'objects', 'aa'), { recursive: true });
  await forget();
  expect(there()).toBe(false);
});

test.each([
  ['a pipe', (alternates: string) => execFileSync('mkfifo', [alternates])],
  ['a link to what never ends', (alternates: string) => symlinkSync('/dev/zero', alternates)],
  ['more than a list of folders', (alternates: string) => writeFileSync(alternates, Buffer.alloc(100_000))],
])('%s in a worktree that was put aside is neither waited for nor read: the rig stays', async (_, plant) => {
  const { folder, forget, there, said } = await setUp();
  const info = join(folder, 'rescued', 'run-1', '.git', 'objects', 'info');
  mkdirSync(info, { recursive: true });
  plant(join(info, 'alternates'));
  await forget();
  expect(there()).toBe(true);
  expect(said.at(-1)).toContain('rig.kept');
  rmSync(join(info, 'alternates'));
  await forget();
  expect(there()).toBe(false);
});

test('what cannot be looked at stays', async () => {
  const { folder, forget, there, said } = await setUp();
  mkdirSync(join(folder, 'worktrees', 'run-1.json'));
  await forget();
  expect([there(), said.at(-1)]).toEqual([true, expect.stringContaining('EISDIR')]);
});

test.runIf(process.getuid?.() === 0)(
  'a deletion that breaks off is told as that, with its rig, and not as a rig that is kept; others go all the same',
  async () => {
    const { folder, forget, there, said } = await setUp();
    // Somebody else's folder with something of ours in it: that user cannot remove it, and nothing is removed there with our rights.
    const half = join(folder, 'rigs', `.making-${RIG}`);
    mkdirSync(join(half, 'ours', 'deep'), { recursive: true, mode: 0o700 });
    chownSync(half, 65_534, 65_534);
    mkdirSync(join(folder, 'rigs', OTHER));
    await forget();
    expect(said.toSorted()).toEqual([
      expect.stringMatching(new RegExp(`^rig.not_removed {"rigId":"${RIG}","why":".+"}$`)),
      `rig.removed ${JSON.stringify({ rigId: OTHER })}`,
    ]);
    expect([there(), existsSync(half)]).toEqual([false, true]);
  },
);

test('a folder of rigs that cannot be read is told as that', async () => {
  const { folder, forget, said } = await setUp();
  rmSync(join(folder, 'rigs'), { recursive: true });
  await forget();
  expect(said).toEqual([expect.stringMatching(/^rig.not_looked_at .*ENOENT/)]);
});

test('what an earlier runner had begun to remove, and what its tests of merges left, goes at the next start; others keep what they have', async () => {
  const { folder, there, mirror } = await setUp();
  const half = join(folder, 'rigs', `.removing-${OTHER}-00`);
  const gate = join(folder, 'rigs', RIG, 'gates', 'mr-1', 'tree');
  for (const each of [half, gate]) mkdirSync(each, { recursive: true });
  await clearHalfGone(folder);
  expect([existsSync(half), readdirSync(join(folder, 'rigs', RIG, 'gates')), there(), existsSync(mirror.path)]).toEqual([
    false,
    [],
    true,
    true,
  ]);
});

test('a folder belongs to the first town that comes', async () => {
  const { folder } = await setUp();
  const answers = [];
  for (const town of ['town-a', 'town-a', 'town-b', 'town-a']) answers.push(await holdsTown(folder, town));
  expect(answers).toEqual([true, true, false, true]);
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

test('a folder that is no rig is left alone', async () => {
  const { folder, forget, said } = await setUp();
  mkdirSync(join(folder, 'rigs', 'notes'));
  await forget(RIG);
  expect(readdirSync(join(folder, 'rigs')).toSorted()).toEqual([RIG, 'notes'].toSorted());
  expect(said).toEqual([]);
});
