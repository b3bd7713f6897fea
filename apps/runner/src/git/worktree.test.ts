import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createBareRepo, createEmptyRepo, seedRepo } from '@gastown/rehearsal';
import { agentGit, BRANCH, gitSurroundings, person, RIG, RUN, SIGNATURE, tempFolder } from '../testing/fixtures.ts';
import { fetchTarget, pushWorkBranch } from './push.ts';
import { commitOf, commitsBetween, rescueRef } from './refs.ts';
import { prepareWorktree, removeWorktree, rescueWork } from './worktree.ts';

async function setUp(kind: 'seeded' | 'empty' = 'seeded') {
  const folder = tempFolder();
  const forge = join(folder, 'forge.git');
  if (kind === 'empty') await createEmptyRepo(forge);
  else await seedRepo(await createBareRepo(forge), [{ path: 'a.txt', content: 'a\n' }], 'first');
  const around = gitSurroundings(folder);
  const opened = await around.mirrors.open(RIG, forge);
  if (!opened.ok) throw new Error(opened.failure.message);
  const mirror = opened.value;
  const path = join(folder, 'worktrees', RUN);
  const wish = { path, branch: BRANCH, targetBranch: 'main', startFrom: null as string | null, signature: SIGNATURE };
  const prepare = async (changes: Partial<typeof wish> = {}) => {
    const fetched = await around.mirrors.fetch(mirror);
    if (!fetched.ok) throw new Error(fetched.failure.message);
    return prepareWorktree(around.git, mirror, { ...wish, ...changes });
  };
  return { ...around, folder, forge, mirror, path, prepare };
}

/** One commit as an agent makes it. */
function commit(path: string, file: string, content: string): string {
  writeFileSync(join(path, file), content);
  agentGit(path, 'add', '-A');
  agentGit(path, 'commit', '-qm', `Change ${file}`);
  return agentGit(path, 'rev-parse', 'HEAD');
}

test('a worktree begins at the head of the target, on the work branch, and signs with the person as author and the agent as committer (GT-3, GT-11)', async () => {
  const { prepare, path, forge } = await setUp();
  expect(await prepare()).toMatchObject({ ok: true, value: { continued: false } });
  expect(agentGit(path, 'symbolic-ref', '--short', 'HEAD')).toBe(BRANCH);
  expect(agentGit(path, 'rev-parse', 'HEAD')).toBe(person(forge, 'rev-parse', 'main'));
  commit(path, 'b.txt', 'b\n');
  expect(agentGit(path, 'log', '-1', '--format=%an <%ae> %cn')).toBe('Ada <ada@example.invalid> Toast (Polecat)');
});

test('an agent that pushes reaches only the mirror: the repository does not change (architecture §4)', async () => {
  const { prepare, path, forge } = await setUp();
  await prepare();
  const before = person(forge, 'show-ref');
  commit(path, 'b.txt', 'b\n');
  agentGit(path, 'push', '-q', 'origin', 'HEAD');
  agentGit(path, 'push', '-q', 'origin', 'HEAD:main');
  agentGit(path, 'fetch', '-q', 'origin');
  expect(person(forge, 'show-ref')).toBe(before);
  expect(agentGit(path, 'log', '--oneline', 'origin/main..HEAD').split('\n')).toHaveLength(1);
});

test('a fetch while work branches are checked out neither fails nor touches them', async () => {
  const { prepare, path, forge, mirrors, mirror, git, remotes } = await setUp();
  await prepare();
  const mine = commit(path, 'b.txt', 'b\n');
  await pushWorkBranch(git, remotes, mirror, BRANCH, (await commitOf(git, path, 'HEAD'))!);
  person(forge, 'update-ref', `refs/heads/${BRANCH}`, 'main');
  expect(await mirrors.fetch(mirror)).toMatchObject({ ok: true });
  expect(agentGit(path, 'rev-parse', 'HEAD')).toBe(mine);
});

test('the next run of a bead goes on from the commits that the last one left, pushed or not', async () => {
  const { prepare, path, git, mirror } = await setUp();
  await prepare();
  const left = commit(path, 'b.txt', 'b\n');
  expect(await prepare()).toMatchObject({ ok: true, value: { continued: true } });
  expect(agentGit(path, 'rev-parse', 'HEAD')).toBe(left);
  const other = 'gt/maple/1a2b3c4d';
  expect(await prepare({ branch: other, startFrom: BRANCH })).toMatchObject({ ok: true, value: { continued: true } });
  expect(agentGit(path, 'rev-parse', 'HEAD')).toBe(left);
  expect(await commitOf(git, mirror.path, `refs/heads/${other}`)).toBe(left);
});

test('work that only the repository has is found (another machine pushed it)', async () => {
  const { prepare, path, forge, git, mirror } = await setUp();
  await prepare();
  const left = commit(path, 'b.txt', 'b\n');
  person(forge, 'fetch', '-q', mirror.path, `${BRANCH}:${BRANCH}`);
  await removeWorktree(git, mirror.path, path);
  person(mirror.path, 'update-ref', '-d', `refs/heads/${BRANCH}`);
  expect(await prepare()).toMatchObject({ ok: true, value: { continued: true } });
  expect(agentGit(path, 'rev-parse', 'HEAD')).toBe(left);
});

test('preparing works from every half-made state (a killed runner leaves them)', async () => {
  const { prepare, path, mirror } = await setUp();
  await prepare();
  rmSync(path, { recursive: true });
  expect(await prepare()).toMatchObject({ ok: true });
  rmSync(join(mirror.path, 'worktrees'), { recursive: true });
  expect(await prepare()).toMatchObject({ ok: true });
  rmSync(path, { recursive: true });
  mkdirSync(path);
  writeFileSync(join(path, 'stray'), 'x');
  expect(await prepare()).toMatchObject({ ok: true });
  expect(existsSync(join(path, 'stray'))).toBe(false);
  rmSync(join(mirror.path, 'HEAD'));
  const { mirrors } = gitSurroundings(join(mirror.path, '..', '..', '..'));
  expect(await mirrors.open(RIG, mirror.gitUrl)).toMatchObject({ ok: true });
  expect(await prepare()).toMatchObject({ ok: true });
});

test('a branch that another worktree holds is taken over: the older run is over', async () => {
  const { prepare, folder } = await setUp();
  await prepare();
  expect(await prepare({ path: join(folder, 'worktrees', 'run-000000000002') })).toMatchObject({ ok: true });
});

test("an empty repository works: the first commit is the agent's and has no parent (AG-19)", async () => {
  const { prepare, path, git, remotes, mirror, forge } = await setUp('empty');
  expect(await prepare()).toMatchObject({ ok: true, value: { continued: false } });
  expect(agentGit(path, 'status', '--porcelain')).toBe('');
  commit(path, 'b.txt', 'b\n');
  expect(agentGit(path, 'rev-list', '--count', 'HEAD')).toBe('1');
  expect(await fetchTarget(git, remotes, mirror, 'main')).toEqual({ ok: true, value: null });
  const head = (await commitOf(git, path, 'HEAD'))!;
  expect(await commitsBetween(git, mirror.path, null, head, 10)).toMatchObject({ ahead: 1, commits: [{ subject: 'Change b.txt' }] });
  expect(await pushWorkBranch(git, remotes, mirror, BRANCH, head)).toMatchObject({ ok: true });
  expect(person(forge, 'rev-parse', BRANCH)).toBe(head);
});

test("uncommitted work is kept under a rescue ref, new files too, and the agent's own index stays as it was", async () => {
  const { prepare, path, git, mirror } = await setUp();
  await prepare();
  expect(await rescueWork(git, path, RUN)).toBe(null);
  writeFileSync(join(path, 'a.txt'), 'changed\n');
  writeFileSync(join(path, 'new.txt'), 'new\n');
  const rescued = await rescueWork(git, path, RUN);
  expect(agentGit(path, 'status', '--porcelain')).toBe('M a.txt\n?? new.txt');
  await removeWorktree(git, mirror.path, path);
  expect(person(mirror.path, 'rev-parse', rescueRef(RUN))).toBe(rescued);
  expect(person(mirror.path, 'show', `${rescued}:new.txt`)).toBe('new');
  expect(await rescueWork(git, path, RUN)).toBe(null);
});

test('work that git cannot take whole is not called kept: a repository inside the worktree', async () => {
  const { prepare, path, git } = await setUp();
  await prepare();
  writeFileSync(join(path, 'precious.txt'), 'hours of work\n');
  agentGit(path, 'init', '-q', 'nested');
  writeFileSync(join(path, 'nested', 'file.txt'), 'x\n');
  expect(await rescueWork(git, path, RUN)).toBe('failed');
});

test('a commit whose subject holds separators is told as it is', async () => {
  const { prepare, path, git, mirror } = await setUp();
  await prepare();
  writeFileSync(join(path, 'b.txt'), 'b\n');
  agentGit(path, 'add', '-A');
  agentGit(path, 'commit', '-qm', 'odd\x1fsubject\x1e');
  const head = (await commitOf(git, path, 'HEAD'))!;
  const { commits } = await commitsBetween(git, mirror.path, null, head, 1);
  expect(commits).toMatchObject([{ sha: head, subject: 'odd\x1fsubject\x1e', author: 'Ada' }]);
  expect(commits[0]?.at).toBeGreaterThan(0);
});

test.each(['--upload-pack=touch /tmp/x', 'a..b', 'a b', 'refs/heads/../x', 'x.lock', '', '-d', 'a~1', 'a\nb'])(
  'a hostile branch name is refused before git sees it as one: %j',
  async (branch) => {
    const { prepare } = await setUp();
    expect(await prepare({ branch })).toMatchObject({ ok: false, failure: { code: 'setup_failed' } });
  },
);

test.each(['-x', 'HEAD'])('a repository whose default branch is called %s is not connected, and it is said why', async (name) => {
  const { forge, mirrors, mirror } = await setUp();
  agentGit(forge, 'update-ref', `refs/heads/${name}`, agentGit(forge, 'rev-parse', 'main'));
  agentGit(forge, 'symbolic-ref', 'HEAD', `refs/heads/${name}`);
  expect(await mirrors.look(mirror)).toMatchObject({
    ok: false,
    failure: { code: 'setup_failed', message: expect.stringContaining(name) },
  });
});
