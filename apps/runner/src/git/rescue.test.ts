import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RunId } from '@gastown/protocol';
import type { Sha } from '@gastown/protocol';
import { agentGit, asAgent, BRANCH, person, RIG, RUN, worktreeAt } from '../testing/fixtures.ts';
import { commit, rescueOf, worktreeRig } from '../testing/worktree-rig.ts';
import { checkOut } from './check-out.ts';
import { dropRescues, pushRescue, pushWorkBranch } from './push.ts';
import type { Git } from './git.ts';
import { commitOf, rescueRef } from './refs.ts';
import { rescuesFor, rescueWork } from './rescue.ts';
import { takeCommits } from './take.ts';

const setUp = () => worktreeRig();

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

test.each(['before it is pushed', 'while it is pushed'])(
  'rescued work of a bead that landed %s is in the repository no more (BR-6)',
  async (when) => {
    const one = await setUp();
    await one.prepare();
    writeFileSync(join(one.path, 'new.txt'), 'half\n');
    const rescued = (await rescueOf(one.git, one.mirror, one.worktree)) as Sha;
    let landed = false;
    const land = async (): Promise<void> => {
      if (landed) return;
      landed = true;
      expect(await dropRescues(one.git, one.remotes, one.mirror, BRANCH)).toMatchObject({ ok: true });
    };
    if (when === 'before it is pushed') await land();
    const slow: typeof one.remotes = {
      ...one.remotes,
      async run(...call) {
        const pushed = await one.remotes.run(...call);
        await land();
        return pushed;
      },
    };
    expect(await pushRescue(one.git, slow, one.mirror, RUN, rescued)).toMatchObject({ ok: true });
    const kept = (at: string): string => person(at, 'for-each-ref', 'refs/gastown/rescue', 'refs/gastown/there');
    expect([landed, kept(one.forge), kept(one.mirror.path)]).toEqual([true, '', '']);
  },
);

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

test.each(['beforehand', 'in the very moment'])(
  'whose rescued work is cannot be said by its agent, %s: no other bead is told of it, and it is kept (I15, DR-9)',
  async (when) => {
    const { prepare, path, git, mirror, worktree } = await setUp();
    await prepare();
    writeFileSync(join(path, 'new.txt'), 'planted\n');
    const own = (await rescueOf(git, mirror, worktree)) as Sha;
    const forge = (): void => {
      const message = 'Work\n\nWork-Branch: gt/maple/99999999\nKept-Aside: yes\n';
      const forged = agentGit(path, 'commit-tree', '-m', message, '-p', `${rescueRef(RUN)}^`, `${rescueRef(RUN)}^{tree}`);
      agentGit(path, 'update-ref', rescueRef(RUN), forged);
    };
    if (when === 'beforehand') forge();
    const racing: Git = async (call, ...args) => {
      const done = await worktree.git(call, ...args);
      if (args[0] === 'update-ref') forge();
      return done;
    };
    if (when !== 'beforehand') writeFileSync(join(path, 'new.txt'), 'planted later\n');
    const kept = (await rescueOf(git, mirror, when === 'beforehand' ? worktree : { ...worktree, git: racing })) as Sha;
    expect(await rescuesFor(git, mirror, 'gt/maple/99999999')).toEqual([]);
    expect(await rescuesFor(git, mirror, BRANCH)).toMatchObject([{ runId: RUN, commit: kept }]);
    expect(person(mirror.path, 'diff', '--name-only', own, kept)).toBe(when === 'beforehand' ? '' : 'new.txt');
    expect(person(mirror.path, 'show', `${kept}:new.txt`)).toContain('planted');
    expect(person(mirror.path, 'log', '-1', '--format=%an', kept)).toBe('gastown');
  },
);

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

test('work that git cannot take whole is not called kept: a repository inside the worktree', async () => {
  const { prepare, path, worktree } = await setUp();
  await prepare();
  writeFileSync(join(path, 'precious.txt'), 'hours of work\n');
  agentGit(path, 'init', '-q', 'nested');
  writeFileSync(join(path, 'nested', 'file.txt'), 'x\n');
  expect(await rescueWork(worktree, [])).toBe('failed');
});

test('a repository inside the worktree is kept with it when something of it is nowhere else; a mere clone is not missed', async () => {
  const { prepare, path, forge, worktree } = await setUp();
  await prepare();
  asAgent(path, 'git clone -q "$1" library', forge);
  expect(await rescueWork(worktree, [])).toMatch(/^[0-9a-f]{40}$/);
  asAgent(path, 'cd library && git -c user.name=A -c user.email=a@example.invalid commit -q --allow-empty -m mine');
  expect(await rescueWork(worktree, [])).toBe('failed');
  asAgent(path, 'cd library && git reset -q --hard origin/main && echo more > more.txt');
  expect(await rescueWork(worktree, [])).toBe('failed');
});

test('another worktree of the same repository is not missed where its commits are on a branch', async () => {
  const { prepare, path, worktree, git, mirror } = await setUp();
  await prepare();
  asAgent(path, 'git worktree add -q -b side side && cd side && git commit -q --allow-empty -m mine');
  const rescued = await rescueOf(git, mirror, worktree);
  expect(person(mirror.path, 'log', '--format=%s', String(rescued))).toContain('mine');
  asAgent(path, 'cd side && git checkout -q --detach && git commit -q --allow-empty -m loose');
  expect(await rescueOf(git, mirror, worktree)).toBe('failed');
});
