import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createBareRepo, createEmptyRepo, seedRepo } from '@gastown/rehearsal';
import { RunId } from '@gastown/protocol';
import type { Sha } from '@gastown/protocol';
import { agentGit, asAgent, BRANCH, gitSurroundings, person, RIG, RUN, SIGNATURE, tempFolder, worktreeAt } from '../testing/fixtures.ts';
import { dropRescues, fetchTarget, pushRescue, pushWorkBranch } from './push.ts';
import type { Git } from './git.ts';
import { commitOf, commitsBetween, rescueRef } from './refs.ts';
import { rescueWork } from './rescue.ts';
import { takeCommits, takeWork } from './take.ts';
import { checkOut } from './check-out.ts';
import { letRead } from './mirror.ts';
import type { Mirror } from './mirror.ts';
import { prepareWorktree } from './worktree.ts';
import type { Worktree } from './worktree.ts';

async function setUp(kind: 'seeded' | 'empty' = 'seeded') {
  const folder = tempFolder();
  const forge = join(folder, 'forge.git');
  if (kind === 'empty') await createEmptyRepo(forge);
  else await seedRepo(await createBareRepo(forge), [{ path: 'a.txt', content: 'a\n' }], 'first');
  const around = await gitSurroundings(folder);
  const opened = await around.mirrors.open(RIG, forge);
  if (!opened.ok) throw new Error(opened.failure.message);
  const mirror = opened.value;
  const worktree = worktreeAt(around, folder);
  const { path } = worktree;
  const prepare = async (changes: { runId?: RunId; branch?: string; startFrom?: string } = {}) => {
    const fetched = await around.mirrors.fetch(mirror);
    if (!fetched.ok) throw new Error(fetched.failure.message);
    const wish = { worktree: worktreeAt(around, folder, changes), targetBranch: 'main', signature: SIGNATURE };
    return prepareWorktree(around.git, around.remotes, mirror, { ...wish, startFrom: changes.startFrom ?? null });
  };
  const take = async () => {
    const taken = await takeCommits(around.git, mirror, worktree);
    if (!taken.ok) throw new Error(taken.failure.message);
    return taken.value!;
  };
  return { ...around, folder, forge, mirror, worktree, path, prepare, take };
}

async function rescueOf(git: Git, mirror: Mirror, worktree: Worktree): Promise<Sha | 'failed' | null> {
  const kept = await takeWork(git, mirror, worktree);
  if (!kept.ok) throw new Error(kept.failure.message);
  return kept.value.rescued;
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

test('a worktree copies no object: it borrows those of the mirror (P16)', async () => {
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
  expect(await fetchTarget(git, remotes, mirror, 'main')).toEqual({ ok: true, value: null });
  const head = await take();
  expect(await commitsBetween(git, mirror.path, null, head, 10)).toMatchObject({ ahead: 1, commits: [{ subject: 'Change b.txt' }] });
  expect(await pushWorkBranch(git, remotes, mirror, { branch: BRANCH, head, expected: null })).toMatchObject({ ok: true });
  expect(person(forge, 'rev-parse', BRANCH)).toBe(head);
});

test("uncommitted work is kept under a rescue ref, new files too, and the agent's own index stays as it was; committed, the ref goes", async () => {
  const { prepare, path, git, mirror, worktree } = await setUp();
  await prepare();
  expect(await rescueOf(git, mirror, worktree)).toBe(null);
  writeFileSync(join(path, 'a.txt'), 'changed\n');
  writeFileSync(join(path, 'new.txt'), 'new\n');
  const rescued = await rescueOf(git, mirror, worktree);
  expect(agentGit(path, 'status', '--porcelain')).toBe('M a.txt\n?? new.txt');
  expect(person(mirror.path, 'rev-parse', rescueRef(RUN))).toBe(rescued);
  expect(person(mirror.path, 'show', `${rescued}:new.txt`)).toBe('new');
  const dates = { GIT_COMMITTER_DATE: '2040-01-01T00:00:00Z', GIT_AUTHOR_DATE: '2040-01-01T00:00:00Z' };
  const laterGit: Git = (call, ...args) => worktree.git({ ...call, environment: { ...call.environment, ...dates } }, ...args);
  expect(await rescueOf(git, mirror, { ...worktree, git: laterGit })).toBe(rescued);
  agentGit(path, 'add', '-A');
  agentGit(path, 'commit', '-qm', 'all of it');
  expect(await rescueOf(git, mirror, worktree)).toBe(null);
  expect(person(mirror.path, 'for-each-ref', 'refs/gastown/rescue', 'refs/gastown/incoming')).toBe('');
});

test('the next run of the bead is told of rescued work and can look at it, also on an empty disk; landed, it is forgotten everywhere', async () => {
  const one = await setUp();
  await one.prepare();
  writeFileSync(join(one.path, 'new.txt'), 'half\n');
  const rescued = (await rescueOf(one.git, one.mirror, one.worktree)) as Sha;
  expect(await pushRescue(one.git, one.remotes, one.mirror, RUN, rescued)).toMatchObject({ ok: true });
  expect(person(one.forge, 'rev-parse', rescueRef(RUN))).toBe(rescued);
  rmSync(one.mirror.path, { recursive: true });
  await one.mirrors.open(RIG, one.forge);
  const next = { runId: RunId.parse('run-000000000002'), branch: 'gt/maple/1a2b3c4d' };
  expect(await one.prepare(next)).toMatchObject({
    ok: true,
    value: { continued: false, rescued: { ref: rescueRef(RUN), commit: rescued } },
  });
  const at = join(one.path, '..', next.runId);
  expect(existsSync(join(at, 'new.txt'))).toBe(false);
  agentGit(at, 'cherry-pick', '--no-commit', rescueRef(RUN));
  expect(readFileSync(join(at, 'new.txt'), 'utf8')).toBe('half\n');
  expect(await one.prepare({ branch: 'gt/maple/99999999' })).toMatchObject({ ok: true, value: { rescued: null } });
  expect(await dropRescues(one.git, one.remotes, one.mirror, next.branch)).toMatchObject({ ok: true });
  const kept = (at: string): string => person(at, 'for-each-ref', 'refs/gastown/rescue', 'refs/gastown/there');
  expect([kept(one.forge), kept(one.mirror.path)]).toEqual(['', '']);
});

test.each([
  ['on another branch', 'git checkout -q -b feature && git commit -q --allow-empty -m mine', 'mine'],
  ['on a branch that was left again', 'git checkout -q -b feature && git commit -q --allow-empty -m mine && git checkout -q "$1"', 'mine'],
  ['on a detached HEAD', 'git checkout -q --detach && git commit -q --allow-empty -m mine', 'mine'],
  ['in a stash', 'echo more >> a.txt && git stash -q && echo again >> a.txt && git stash -q', 'WIP on'],
  ['under a tag', 'git checkout -q --detach && git commit -q --allow-empty -m mine && git tag v1 && git checkout -q "$1"', 'mine'],
  [
    'in a rebase that was not ended, with what it put away',
    'echo one > a.txt; git commit -qam mine; git checkout -q --detach HEAD~1; echo two > a.txt; git commit -qam theirs; git tag up; git checkout -q "$1"; echo x > put.txt; git add put.txt; ! git rebase -q --autostash up',
    'autostash',
  ],
])('commits that are %s are kept too, and not called kept before', async (_where, script, subject) => {
  const { prepare, path, git, mirror, worktree } = await setUp();
  await prepare();
  writeFileSync(join(path, 'earlier.txt'), 'half');
  await rescueOf(git, mirror, worktree);
  asAgent(path, `rm earlier.txt; ${script}`, BRANCH);
  const rescued = await rescueOf(git, mirror, worktree);
  rmSync(path, { recursive: true });
  expect(person(mirror.path, 'rev-parse', rescueRef(RUN))).toBe(rescued);
  expect(person(mirror.path, 'log', '--format=%s', rescueRef(RUN), '--not', '--branches', '--remotes')).toContain(subject);
});

test('stashed work is kept whole, also the older of two, and the same again is the same commit', async () => {
  const { prepare, path, git, mirror, worktree } = await setUp();
  await prepare();
  asAgent(path, 'echo one > a.txt && git stash -q && echo two > a.txt && git stash -q');
  const rescued = await rescueOf(git, mirror, worktree);
  expect(await rescueOf(git, mirror, worktree)).toBe(rescued);
  const versions = person(mirror.path, 'rev-list', rescueRef(RUN), '--not', '--branches', '--remotes')
    .split('\n')
    .map((at) => person(mirror.path, 'show', `${at}:a.txt`));
  expect(versions).toEqual(expect.arrayContaining(['one', 'two']));
});

test('locks that a killed git left in the worktree keep nobody from keeping its work, or from writing its files', async () => {
  const { prepare, path, git, mirror, worktree } = await setUp();
  await prepare();
  writeFileSync(join(path, 'half.txt'), 'half\n');
  asAgent(path, 'touch .git/index.lock .git/rescue-index.lock');
  const rescued = await rescueOf(git, mirror, worktree);
  expect(person(mirror.path, 'show', `${rescued}:half.txt`)).toBe('half');
  expect(agentGit(path, 'ls-files', '--others')).toBe('half.txt');
  expect(readdirSync(join(path, '.git')).filter((name) => name.startsWith('rescue-index-'))).toEqual([]);
  rmSync(join(path, 'a.txt'));
  expect(await checkOut(worktree, path)).toMatchObject({ ok: true });
  expect(existsSync(join(path, 'a.txt'))).toBe(true);
});

test("an earlier run's commits that come late get neither under those of the next, nor are they lost", async () => {
  const one = await setUp();
  await one.prepare();
  const late = commit(one.path, 'late.txt', 'late');
  const next = RunId.parse('run-000000000002');
  await one.prepare({ runId: next });
  const after = worktreeAt(one, one.folder, { runId: next });
  expect(await takeCommits(one.git, one.mirror, one.worktree)).toMatchObject({ ok: false, failure: { code: 'target_moved' } });
  const rescued = await rescueOf(one.git, one.mirror, one.worktree);
  expect(person(one.mirror.path, 'rev-parse', `${rescued}^`)).toBe(late);
  const mine = commit(after.path, 'mine.txt', 'mine');
  expect(await takeCommits(one.git, one.mirror, after)).toEqual({ ok: true, value: mine });
  expect(await commitOf(one.git, one.mirror.path, `refs/heads/${BRANCH}`)).toBe(mine);
  const third = RunId.parse('run-000000000003');
  expect(await one.prepare({ runId: third })).toMatchObject({ ok: true, value: { rescued: { ref: rescueRef(RUN), commit: rescued } } });
});

test('where another machine of the town went on with the branch, the next run goes on from there, and is told of what only this one has', async () => {
  const { prepare, path, forge, mirror, take, git, remotes } = await setUp();
  await prepare();
  const first = commit(path, 'b.txt', 'b');
  await pushWorkBranch(git, remotes, mirror, { branch: BRANCH, head: await take(), expected: null });
  const unsaved = commit(path, 'c.txt', 'c');
  await take();
  const theirs = person(forge, 'commit-tree', '-p', first, '-m', 'from elsewhere', `${first}^{tree}`);
  person(forge, 'update-ref', `refs/heads/${BRANCH}`, theirs);
  const next = RunId.parse('run-000000000002');
  expect(await prepare({ runId: next })).toMatchObject({ ok: true, value: { continued: true, rescued: { ref: rescueRef(RUN) } } });
  expect(agentGit(join(path, '..', next), 'rev-parse', 'HEAD')).toBe(theirs);
  expect(person(mirror.path, 'log', '--format=%H', rescueRef(RUN))).toContain(unsaved);
});

test('what a run rewrote and did not push yet is gone on from, though the repository has the older', async () => {
  const { prepare, path, mirror, take, git, remotes } = await setUp();
  await prepare();
  commit(path, 'b.txt', 'b');
  await pushWorkBranch(git, remotes, mirror, { branch: BRANCH, head: await take(), expected: null });
  agentGit(path, 'commit', '-q', '--amend', '-m', 'better');
  const better = await take();
  const next = RunId.parse('run-000000000002');
  expect(await prepare({ runId: next })).toMatchObject({ ok: true, value: { continued: true, rescued: null } });
  expect(agentGit(join(path, '..', next), 'rev-parse', 'HEAD')).toBe(better);
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

test('work that git cannot take whole is not called kept: a repository inside the worktree', async () => {
  const { prepare, path, worktree } = await setUp();
  await prepare();
  writeFileSync(join(path, 'precious.txt'), 'hours of work\n');
  agentGit(path, 'init', '-q', 'nested');
  writeFileSync(join(path, 'nested', 'file.txt'), 'x\n');
  expect(await rescueWork(worktree, [])).toBe('failed');
});

test('a commit whose subject holds separators is told as it is', async () => {
  const { prepare, path, git, mirror, take } = await setUp();
  await prepare();
  writeFileSync(join(path, 'b.txt'), 'b\n');
  agentGit(path, 'add', '-A');
  agentGit(path, 'commit', '-qm', 'odd\x1fsubject\x1e');
  const head = await take();
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
  person(forge, 'update-ref', `refs/heads/${name}`, person(forge, 'rev-parse', 'main'));
  person(forge, 'symbolic-ref', 'HEAD', `refs/heads/${name}`);
  expect(await mirrors.look(mirror)).toMatchObject({
    ok: false,
    failure: { code: 'setup_failed', message: expect.stringContaining(name) },
  });
});
