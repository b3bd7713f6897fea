import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { agentGit, asAgent, BRANCH, gitSurroundings, person, RIG } from '../testing/fixtures.ts';
import { worktreeRig } from '../testing/worktree-rig.ts';
import type { Git } from './git.ts';
import { commitOf } from './refs.ts';
import { takeCommits } from './take.ts';
import { HOSTILE_CASES } from './trees.hostile.ts';
import type { HostileTree } from './trees.hostile.ts';

/** A commit with this one folder, made as an agent can: past everything that git asks of names. */
function commitWith(path: string, { entries }: HostileTree): string {
  const object = (mode: string, content: string): string => {
    const blob = asAgent(path, 'printf %s "$1" | git hash-object -w --stdin', content);
    return mode === '40000' ? asAgent(path, 'printf "100644 blob %s\\tconfig\\0" "$1" | git mktree -z', blob) : blob;
  };
  // Each entry of a tree is a mode, a name, a NUL and an id in bytes.
  const bytes = entries.flatMap(([mode, name, content]) => [
    ...Buffer.from(`${mode} ${name}\0`),
    ...Buffer.from(object(mode, content), 'hex'),
  ]);
  const octal = bytes.map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  const tree = asAgent(path, 'printf "$1" | git hash-object -t tree -w --literally --stdin', octal);
  return asAgent(path, 'git commit-tree -p refs/remotes/origin/main -m evil "$1"', tree);
}

const FSCK: unknown = expect.stringMatching(
  /^The commits of the run could not be taken over: .*(: (contains|duplicateEntries|fullPathname|gitmodules|hasDot)|possible repository corruption)/,
);

test(`${HOSTILE_CASES.length} trees that lead elsewhere are not taken over from a run (I15)`, async () => {
  const rig = await worktreeRig();
  const { git, mirror, worktree, path, prepare } = rig;
  await prepare();
  const before = await commitOf(git, mirror.path, `refs/heads/${BRANCH}`);
  for (const tree of HOSTILE_CASES) {
    const evil = commitWith(path, tree);
    agentGit(path, 'update-ref', `refs/heads/${BRANCH}`, evil);
    // Again too: what came the first time must not count as checked.
    for (const time of [1, 2])
      expect([tree.id, time, await takeCommits(git, mirror, worktree)]).toMatchObject([
        tree.id,
        time,
        { ok: false, failure: { message: FSCK } },
      ]);
  }
  expect(await commitOf(git, mirror.path, `refs/heads/${BRANCH}`)).toBe(before);
  // One made the same way that leads nowhere else.
  const good = commitWith(path, {
    id: 'good',
    entries: [
      ['100644', 'a', 'x'],
      ['40000', 'b', 'y'],
    ],
  });
  agentGit(path, 'update-ref', `refs/heads/${BRANCH}`, good);
  expect(await takeCommits(git, mirror, worktree)).toEqual({ ok: true, value: good });
  expect(person(mirror.path, 'for-each-ref', 'refs/gastown/incoming')).toBe('');
});

test('what is here is not taken over where the look at it was ended, for then nobody knows whether it is sound (I15)', async () => {
  const rig = await worktreeRig();
  const { git, mirror, worktree, path, prepare } = rig;
  await prepare();
  const before = person(mirror.path, 'for-each-ref', '--format=update %(refname) %(objectname)');
  const evil = commitWith(path, HOSTILE_CASES[0]!);
  agentGit(path, 'update-ref', `refs/heads/${BRANCH}`, evil);
  // As if an earlier fetch had left it behind: here, and of no ref.
  const unchecked: Git = (call, ...args) => git({ ...call, config: {} }, ...args);
  expect(await takeCommits(unchecked, mirror, worktree)).toEqual({ ok: true, value: evil });
  await git({ cwd: mirror.path, input: `${before}\n` }, 'update-ref', '--stdin');
  expect(await takeCommits(git, mirror, worktree)).toMatchObject({ ok: false, failure: { message: FSCK } });
  const ended =
    (command: string, as: { timedOut: boolean }): Git =>
    async (call, ...args) =>
      args[0] === command && args.includes('--not')
        ? { ...(await git(call, ...args)), ok: false, exitCode: null, ...as }
        : git(call, ...args);
  for (const as of [{ timedOut: true }, { timedOut: false }])
    expect(await takeCommits(ended('rev-list', as), mirror, worktree)).toMatchObject({
      ok: false,
      failure: { message: expect.stringContaining('The commits of the run could not be taken over') as unknown },
    });
});

test('what a runner that was killed left beside a mirror is gone when the next one opens it', async () => {
  const { mirror, ...rig } = await worktreeRig();
  const beside = ['check-Ab12', 'unborn-Ab12', 'worktrees'].map((name) => join(dirname(mirror.path), name));
  for (const folder of beside) mkdirSync(join(folder, 'pack'), { recursive: true });
  await rig.mirrors.open(RIG, mirror.gitUrl);
  expect(beside.map((folder) => existsSync(folder))).toEqual([true, true, true]);
  const next = await gitSurroundings(dirname(dirname(dirname(mirror.path))));
  expect(next.mirrors.path(RIG)).toBe(mirror.path);
  expect(await next.mirrors.open(RIG, mirror.gitUrl)).toMatchObject({ ok: true });
  expect(beside.map((folder) => existsSync(folder))).toEqual([false, false, true]);
});
