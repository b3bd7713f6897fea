import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DoneEvidence, RunId } from '@gastown/protocol';
import { seedRepo } from '@gastown/rehearsal';
import { agentGit, asAgent, BRANCH, person, RIG, RUN, tempFolder } from '../testing/fixtures.ts';
import { commit, worktreeRig } from '../testing/worktree-rig.ts';
import { letRead } from './mirror.ts';
import { pushWorkBranch } from './push.ts';
import { fetchTarget } from './target.ts';
import { commitOf, commitsBetween } from './refs.ts';
import { rescueWork } from './rescue.ts';
import { takeCommits } from './take.ts';

const setUp = (kind: 'seeded' | 'empty' = 'seeded') => worktreeRig({ empty: kind === 'empty' });

test('a worktree begins at the head of the target, on the work branch, and signs with the person as author and the agent as committer (GT-3, GT-11)', async () => {
  const { prepare, path, forge } = await setUp();
  expect(await prepare()).toMatchObject({ ok: true, value: { continued: false } });
  expect(agentGit(path, 'symbolic-ref', '--short', 'HEAD')).toBe(BRANCH);
  expect(agentGit(path, 'rev-parse', 'HEAD')).toBe(person(forge, 'rev-parse', 'main'));
  commit(path, 'b.txt', 'b\n');
  expect(agentGit(path, 'log', '-1', '--format=%an <%ae> %cn')).toBe('Ada <ada@example.invalid> Toast (Polecat)');
});

test('a push of the agent ends in its own repository: it succeeds, and neither mirror nor forge change (design/runner.md §1)', async () => {
  const { prepare, path, forge, mirror } = await setUp();
  await prepare();
  const before = [person(forge, 'show-ref'), person(mirror.path, 'show-ref')];
  commit(path, 'b.txt', 'b\n');
  agentGit(path, 'push', '-q', 'origin', 'HEAD');
  agentGit(path, 'push', '-q', 'origin', 'HEAD:main');
  agentGit(path, 'commit', '-q', '--amend', '-m', 'again');
  agentGit(path, 'push', '-q', '--force', '-u', 'origin', 'HEAD');
  expect([person(forge, 'show-ref'), person(mirror.path, 'show-ref')]).toEqual(before);
});

test("the agent's fetch brings what the mirror has meanwhile", async () => {
  const { prepare, path, forge, mirrors, mirror } = await setUp();
  await prepare();
  const later = await seedRepo(forge, [{ path: 'later.txt', content: 'x' }], 'later');
  await mirrors.fetch(mirror);
  agentGit(path, 'fetch', '-q', 'origin');
  expect(agentGit(path, 'rev-parse', 'origin/main')).toBe(later);
  agentGit(path, 'merge', '-q', 'origin/main');
  expect(existsSync(join(path, 'later.txt'))).toBe(true);
});

test('a worktree copies no object: it borrows those of the mirror (GT-1, P16)', async () => {
  const { prepare, path } = await setUp();
  await prepare();
  expect(agentGit(path, 'count-objects', '-v')).toMatch(/^count: 0\n[^]*in-pack: 0\n/);
});

test('commits are taken over whole, with what they hold, and again does nothing (DR-9)', async () => {
  const { prepare, path, mirror, take } = await setUp();
  await prepare();
  const mine = commit(path, 'b.txt', 'b\n');
  expect(await take()).toBe(mine);
  expect(person(mirror.path, 'show', `refs/heads/${BRANCH}:b.txt`)).toBe('b');
  expect(await take()).toBe(mine);
  agentGit(path, 'commit', '-q', '--amend', '-m', 'better');
  expect(await take()).toBe(agentGit(path, 'rev-parse', 'HEAD'));
  expect(person(mirror.path, 'for-each-ref', 'refs/gastown/rescue', 'refs/gastown/incoming')).toBe('');
});

test('many commits, and the merge of another branch, come over too', async () => {
  const { prepare, path, mirror, mirrors, forge, take } = await setUp();
  await prepare();
  await seedRepo(forge, [{ path: 'theirs.txt', content: 'x' }], 'theirs');
  await mirrors.fetch(mirror);
  asAgent(path, 'i=0; while [ $i -lt 150 ]; do echo $i > f$i; git add -A; git commit -qm $i; i=$((i+1)); done');
  agentGit(path, 'fetch', '-q', 'origin');
  agentGit(path, 'merge', '-q', '-m', 'merged', 'origin/main');
  expect(await take()).toBe(agentGit(path, 'rev-parse', 'HEAD'));
  expect(person(mirror.path, 'rev-list', '--count', `refs/heads/${BRANCH}`)).toBe('153');
  expect(person(mirror.path, 'fsck', '--connectivity-only')).not.toMatch(/missing|broken/);
});

test('whatever an agent writes into its repository runs, if at all, as the agent: settings, hooks, filters, a program for the other side', async () => {
  const { prepare, path, folder, take, worktree, cells } = await setUp();
  await prepare();
  const mine = commit(path, 'b.txt', 'b\n');
  const mark = join(folder, 'ran');
  const plant = [
    `printf '#!/bin/sh\\nid -u >> ${mark}\\n' > evil && chmod +x evil`,
    'mkdir -p .git/hooks',
    'for hook in post-update pre-receive reference-transaction post-checkout post-index-change; do cp evil .git/hooks/$hook; done',
    'git config core.fsmonitor "$PWD/evil"; git config uploadpack.packObjectsHook "$PWD/evil"; git config core.sshCommand "$PWD/evil"',
    'git config filter.evil.clean "$PWD/evil"; echo "* filter=evil" > .gitattributes; git config core.pager "$PWD/evil"; git config gc.auto 1',
    'git config alias.status "!$PWD/evil"; git config core.hooksPath "$PWD/.git/hooks"; git config diff.external "$PWD/evil"',
  ];
  asAgent(path, plant.join('\n'));
  writeFileSync(mark, '', { mode: 0o666 });
  chmodSync(mark, 0o666);
  expect(await take()).toBe(mine);
  await rescueWork(worktree, []);
  const ran = new Set(
    readFileSync(mark, 'utf8')
      .split('\n')
      .filter((line) => line !== ''),
  );
  expect(ran.has('0')).toBe(cells.isolation === 'none' && ran.size > 0);
});

test('a repository that lies about its objects is refused: one that is missing, one that is broken', async () => {
  const { prepare, path, git, mirror, worktree } = await setUp();
  await prepare();
  const blob = commit(path, 'b.txt', 'only here\n') && agentGit(path, 'rev-parse', 'HEAD:b.txt');
  asAgent(path, `rm -f .git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`);
  expect(await takeCommits(git, mirror, worktree)).toMatchObject({ ok: false });
  expect(await commitOf(git, mirror.path, `refs/heads/${BRANCH}`)).toBe(person(mirror.path, 'rev-parse', 'refs/remotes/origin/main'));
  const bad = asAgent(
    path,
    'printf "tree %s\nauthor nobody\ncommitter nobody\n\nx\n" "$(git rev-parse HEAD~1^{tree})" | git hash-object -t commit -w --literally --stdin',
  );
  agentGit(path, 'update-ref', `refs/heads/${BRANCH}`, bad);
  expect(await takeCommits(git, mirror, worktree)).toMatchObject({ ok: false });
  expect(await commitOf(git, mirror.path, bad)).toBe(null);
});

test('a repository that is no more, or is a link to another, gives nothing and breaks nothing', async () => {
  const { prepare, path, git, mirror, worktree } = await setUp();
  await prepare();
  asAgent(path, 'rm -rf .git && ln -s "$1" .git', mirror.path);
  expect(await takeCommits(git, mirror, worktree)).toMatchObject({ ok: true });
  asAgent(path, 'rm -rf .git && echo "gitdir: /etc" > .git');
  expect(await takeCommits(git, mirror, worktree)).toEqual({ ok: true, value: null });
  expect(await rescueWork(worktree, [])).toBe('failed');
});

test('a fetch while work branches are checked out neither fails nor touches them', async () => {
  const { prepare, path, forge, mirrors, mirror, git, remotes, take } = await setUp();
  await prepare();
  const mine = commit(path, 'b.txt', 'b\n');
  await pushWorkBranch(git, remotes, mirror, { branch: BRANCH, head: await take(), expected: null });
  person(forge, 'update-ref', `refs/heads/${BRANCH}`, 'main');
  expect(await mirrors.fetch(mirror)).toMatchObject({ ok: true });
  expect(agentGit(path, 'rev-parse', 'HEAD')).toBe(mine);
});

test('the next run of a bead goes on from the commits that the last one left, pushed or not', async () => {
  const { prepare, path, git, mirror, take } = await setUp();
  await prepare();
  const left = commit(path, 'b.txt', 'b\n');
  await take();
  expect(await prepare()).toMatchObject({ ok: true, value: { continued: true } });
  expect(agentGit(path, 'rev-parse', 'HEAD')).toBe(left);
  const other = 'gt/maple/1a2b3c4d';
  expect(await prepare({ branch: other, startFrom: BRANCH })).toMatchObject({ ok: true, value: { continued: true } });
  expect(agentGit(path, 'rev-parse', 'HEAD')).toBe(left);
  expect(await commitOf(git, mirror.path, `refs/heads/${other}`)).toBe(left);
});

test('work that only the repository has is found (another machine pushed it)', async () => {
  const { prepare, path, forge, mirror, take } = await setUp();
  await prepare();
  const left = commit(path, 'b.txt', 'b\n');
  await take();
  person(forge, 'fetch', '-q', mirror.path, `${BRANCH}:${BRANCH}`);
  person(mirror.path, 'update-ref', '-d', `refs/heads/${BRANCH}`);
  expect(await prepare()).toMatchObject({ ok: true, value: { continued: true } });
  expect(agentGit(path, 'rev-parse', 'HEAD')).toBe(left);
});

test('what another runner made of the bead goes before what was left here, unless it is the same or an older state of ours (design/runner.md §5)', async () => {
  const { prepare, path, git, mirror, remotes, take, forge } = await setUp();
  await prepare();
  const pushedHere = commit(path, 'a1.txt', '1');
  await take();
  await pushWorkBranch(git, remotes, mirror, { branch: BRANCH, head: pushedHere, expected: null });
  commit(path, 'never-pushed.txt', '1');
  const left = await take();
  await prepare();
  expect(agentGit(path, 'rev-parse', 'HEAD')).toBe(left);
  const elsewhere = tempFolder();
  person(elsewhere, 'clone', '-q', '-b', BRANCH, forge, '.');
  writeFileSync(join(elsewhere, 'there.txt'), 'x');
  person(elsewhere, 'add', '-A');
  person(elsewhere, '-c', 'user.name=B', '-c', 'user.email=b@example.invalid', 'commit', '-qm', 'Went on elsewhere');
  person(elsewhere, 'push', '-q', 'origin', 'HEAD');
  expect(await prepare()).toMatchObject({ ok: true, value: { continued: true } });
  expect(agentGit(path, 'rev-parse', 'HEAD')).toBe(person(elsewhere, 'rev-parse', 'HEAD'));
  // Rewritten here since: ours again.
  agentGit(path, 'reset', '-q', '--hard', 'HEAD~1');
  const rewritten = commit(path, 'again.txt', '2');
  await take();
  await prepare();
  expect(agentGit(path, 'rev-parse', 'HEAD')).toBe(rewritten);
});

test('preparing works from every half-made state (a killed runner leaves them) (DR-9)', async () => {
  const { prepare, path, mirror, mirrors } = await setUp();
  await prepare();
  rmSync(path, { recursive: true });
  expect(await prepare()).toMatchObject({ ok: true });
  rmSync(join(path, '.git'), { recursive: true });
  expect(await prepare()).toMatchObject({ ok: true });
  rmSync(path, { recursive: true });
  mkdirSync(path);
  writeFileSync(join(path, 'stray'), 'x');
  mkdirSync(join(path, '..', `.making-${RUN}`, '.git'), { recursive: true });
  expect(await prepare()).toMatchObject({ ok: true });
  expect(existsSync(join(path, 'stray'))).toBe(false);
  expect(readdirSync(join(path, '..'))).toEqual([RUN]);
  rmSync(join(mirror.path, 'HEAD'));
  expect(await mirrors.open(RIG, mirror.gitUrl)).toMatchObject({ ok: true });
  expect(await prepare()).toMatchObject({ ok: true });
});

test('a branch that an older run of the bead has checked out does not stand in the way', async () => {
  const { prepare } = await setUp();
  await prepare();
  expect(await prepare({ runId: RunId.parse('run-000000000002') })).toMatchObject({ ok: true });
});

test("an empty repository works: the first commit is the agent's and has no parent (AG-19)", async () => {
  const { prepare, path, git, remotes, mirror, forge, take } = await setUp('empty');
  expect(await prepare()).toMatchObject({ ok: true, value: { continued: false } });
  expect(agentGit(path, 'status', '--porcelain')).toBe('');
  commit(path, 'b.txt', 'b\n');
  expect(agentGit(path, 'rev-list', '--count', 'HEAD')).toBe('1');
  expect(await fetchTarget(git, remotes, mirror, { target: 'main', isNew: true })).toEqual({ ok: true, value: null });
  const head = await take();
  expect(await commitsBetween(git, mirror.path, null, head, 10)).toMatchObject({ ahead: 1, commits: [{ subject: 'Change b.txt' }] });
  expect(await pushWorkBranch(git, remotes, mirror, { branch: BRANCH, head, expected: null })).toMatchObject({ ok: true });
  expect(person(forge, 'rev-parse', BRANCH)).toBe(head);
});

test('a mirror that was handed to its readers in part is handed over again (DR-9)', async () => {
  const { mirror } = await setUp();
  const group = process.getuid?.() === 0 ? 54_321 : process.getgid!();
  chownSync(mirror.path, process.getuid!(), group);
  chmodSync(mirror.path, 0o750);
  await letRead(mirror.path, group);
  const { gid, mode } = statSync(join(mirror.path, 'objects', 'pack'));
  expect([gid, (mode & 0o2050).toString(8)]).toEqual([group, '2050']);
  expect(statSync(mirror.path).mode & 0o2050).toBe(0o2050);
});

test('a commit whose subject holds separators is told whole, on one line', async () => {
  const { prepare, path, git, mirror, take } = await setUp();
  await prepare();
  writeFileSync(join(path, 'b.txt'), 'b\n');
  agentGit(path, 'add', '-A');
  agentGit(path, 'commit', '-qm', 'odd\x1fsubject\x1e');
  const head = await take();
  const { commits } = await commitsBetween(git, mirror.path, null, head, 1);
  expect(commits).toMatchObject([{ sha: head, subject: 'odd subject', author: 'Ada' }]);
  expect(commits[0]?.at).toBeGreaterThan(0);
});

test('a commit may be of any date: one that no clock can have is told as none, and what the town is told is readable', async () => {
  const { prepare, path, git, mirror, take } = await setUp();
  await prepare();
  agentGit(path, 'commit', '-q', '--allow-empty', '-m', 'far', '--date=@9999999999999999 +0000');
  const head = await take();
  const { commits } = await commitsBetween(git, mirror.path, null, head, 1);
  expect(commits).toMatchObject([{ subject: 'far', at: 0 }]);
  expect(DoneEvidence.safeParse({ branch: BRANCH, headCommit: head, ahead: 1, commits }).success).toBe(true);
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
  person(forge, 'update-ref', `refs/heads/${name}`, person(forge, 'rev-parse', 'main'));
  person(forge, 'symbolic-ref', 'HEAD', `refs/heads/${name}`);
  expect(await mirrors.look(mirror)).toMatchObject({
    ok: false,
    failure: { code: 'setup_failed', message: expect.stringContaining(name) },
  });
});
