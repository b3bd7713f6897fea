import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { LIMITS } from '@gastown/protocol';
import type { Sha } from '@gastown/protocol';
import { seedRepo } from '@gastown/rehearsal';
import { testMerge } from '../gates/test-merge.ts';
import { agentGit, BRANCH, MERGE, mergeTest, person } from '../testing/fixtures.ts';
import { gatesOf, workingRig } from '../testing/worktree-rig.ts';
import type { Git } from './git.ts';
import { deleteWorkBranch, land, pushOwnWork, pushWorkBranch } from './push.ts';

/** A rig with one work branch that changes `file`, handed in. */
async function setUp({ empty = false, file = 'b.txt', content = 'b\n' } = {}) {
  const around = await workingRig({ empty });
  const { folder, forge, mirror, path } = around;
  writeFileSync(join(path, file), content);
  agentGit(path, 'add', '-A');
  agentGit(path, 'commit', '-qm', 'work 1');
  agentGit(path, 'commit', '-q', '--allow-empty', '-m', 'work 2');
  const head = await around.take();
  await pushWorkBranch(around.git, around.remotes, mirror, { branch: BRANCH, head, expected: null });
  const gates = gatesOf(around, LIMITS.gateTimeoutMs.value);
  const build = async (changes = {}, git = around.git) =>
    testMerge({ ...gates, git }, mergeTest(forge, head, { isNew: empty, ...changes }));
  const built = async (): Promise<{ base: Sha | null; commit: Sha }> => {
    const result = await build();
    if (!result.ok || result.value.kind !== 'tested') throw new Error(JSON.stringify(result));
    return { base: result.value.baseCommit, commit: result.value.mergeCommit };
  };
  return {
    ...around,
    folder,
    forge,
    mirror,
    head,
    build,
    built,
    worktree: path,
    landIt: (base: Sha | null, commit: Sha) => land(around.git, around.remotes, mirror, 'main', base, commit),
  };
}

test('the merge result is one commit on the head of the target, signed by person and agent, with the trailers (GT-11, I5)', async () => {
  const { built, forge, mirror } = await setUp();
  const { base, commit } = await built();
  expect(base).toBe(person(forge, 'rev-parse', 'main'));
  expect(person(mirror.path, 'log', '-1', '--format=%P|%an|%cn|%(trailers:key=Merge-Request,valueonly)', commit)).toBe(
    `${base}|Ada|Toast (Polecat)|${MERGE}`,
  );
  expect(person(mirror.path, 'log', '-1', '--format=%(trailers:only)', commit).split('\n').filter(Boolean)).toEqual([
    expect.stringMatching(/^Bead-ID: gt-/),
    `Merge-Request: ${MERGE}`,
    'Co-authored-by: Toast (Polecat) <polecat@gastown.invalid>',
  ]);
  expect(person(mirror.path, 'show', '--stat', '--format=', commit)).toContain('b.txt');
  expect(person(mirror.path, 'rev-parse', `refs/gastown/merges/${MERGE}`)).toBe(commit);
});

test('landing moves the target once; the same landing again answers the same (I4)', async () => {
  const { built, landIt, forge } = await setUp();
  const { base, commit } = await built();
  expect(await landIt(base, commit)).toMatchObject({ ok: true });
  expect(person(forge, 'rev-parse', 'main')).toBe(commit);
  expect(await landIt(base, commit)).toMatchObject({ ok: true });
  await seedRepo(forge, [{ path: 'later.txt', content: 'x' }], 'later');
  expect(await landIt(base, commit)).toMatchObject({ ok: true });
});

test('a target that moved between test and landing is not touched, and the merge is built again on it (MQ-8, I4)', async () => {
  const { built, landIt, forge } = await setUp();
  const { base, commit } = await built();
  const moved = await seedRepo(forge, [{ path: 'c.txt', content: 'c\n' }], 'someone else');
  expect(await landIt(base, commit)).toMatchObject({ ok: false, failure: { code: 'target_moved' } });
  expect(person(forge, 'rev-parse', 'main')).toBe(moved);
  const again = await built();
  expect(again.base).toBe(moved);
  expect(await landIt(again.base, again.commit)).toMatchObject({ ok: true });
  expect(person(forge, 'ls-tree', '--name-only', 'main').split('\n')).toEqual(['a.txt', 'b.txt', 'c.txt']);
});

test('a merge that had landed before its report was lost is recognised by its trailer (MQ-7)', async () => {
  const { built, build, landIt, forge } = await setUp();
  const { base, commit } = await built();
  await landIt(base, commit);
  await seedRepo(forge, [{ path: 'later.txt', content: 'x' }], 'later');
  expect(await build()).toEqual({ ok: true, value: { kind: 'landed', mergeCommit: commit } });
});

test('a git that fails has not said that a merge did not land: it is looked for again, and nothing is built a second time (I4)', async () => {
  const { built, build, landIt, git } = await setUp();
  const { base, commit } = await built();
  await landIt(base, commit);
  const failing: Git = (call, ...args) => git(args[0] === 'log' ? { ...call, environment: { GIT_DIR: '/nonexistent' } } : call, ...args);
  expect(await build({}, failing)).toMatchObject({ ok: false, failure: { code: 'git_failed' } });
  expect(await build()).toEqual({ ok: true, value: { kind: 'landed', mergeCommit: commit } });
});

test('a conflict names the files and builds nothing', async () => {
  const { build, forge } = await setUp({ file: 'a.txt', content: 'mine\n' });
  await seedRepo(forge, [{ path: 'a.txt', content: 'theirs\n' }], 'theirs');
  expect(await build()).toMatchObject({ ok: false, failure: { code: 'merge_conflict', details: { files: ['a.txt'] } } });
});

test('a branch that changes nothing any more is refused as such', async () => {
  const { build, forge } = await setUp();
  await seedRepo(forge, [{ path: 'b.txt', content: 'b\n' }], 'the same by someone else');
  expect(await build()).toMatchObject({ ok: false, failure: { code: 'nothing_done' } });
});

test('the first landing of an empty repository creates the target branch (AG-19)', async () => {
  const { built, landIt, forge } = await setUp({ empty: true });
  const { base, commit } = await built();
  expect(base).toBe(null);
  expect(await landIt(base, commit)).toMatchObject({ ok: true });
  expect(person(forge, 'log', '--format=%s', 'main')).toBe('Add a greeting');
  expect(await landIt(base, commit)).toMatchObject({ ok: true });
});

test('a target that appeared while the first commit was tested is not overwritten (AG-19, I4)', async () => {
  const { built, landIt, forge } = await setUp({ empty: true });
  const { base, commit } = await built();
  const first = await seedRepo(forge, [{ path: 'x', content: 'x' }], 'first by a person');
  expect(await landIt(base, commit)).toMatchObject({ ok: false, failure: { code: 'target_moved' } });
  expect(person(forge, 'rev-parse', 'main')).toBe(first);
});

test('a target that was renamed in the repository before the test is named, and nothing is built or pushed in its place (I4, I5)', async () => {
  const { build, forge, mirror } = await setUp();
  person(forge, 'branch', '-m', 'main', 'trunk');
  const before = person(forge, 'for-each-ref');
  for (const _test of ['first', 'after a fetch that forgot it']) {
    expect(await build()).toMatchObject({
      ok: false,
      failure: { code: 'target_missing', message: expect.stringMatching(/^main, .* trunk is there/) },
    });
    person(mirror.path, 'update-ref', '-d', 'refs/remotes/origin/main');
  }
  expect(person(forge, 'for-each-ref')).toBe(before);
  expect(person(mirror.path, 'for-each-ref', 'refs/gastown/merges')).toBe('');
});

test('a repository that had commits and has no branch any more is not taken for a new one: nothing is built there (I1, I4, AG-19)', async () => {
  const { build, forge, mirror } = await setUp();
  person(forge, 'update-ref', '-d', 'refs/heads/main');
  const message = 'main, the branch to land on, is not in the repository any more; it had commits, and has no branch now.';
  expect(await build()).toMatchObject({ ok: false, failure: { code: 'target_missing', message } });
  expect(person(mirror.path, 'for-each-ref', 'refs/gastown/merges')).toBe('');
});

test('a target that was deleted between test and landing is not made again (I4)', async () => {
  const { built, build, landIt, forge } = await setUp();
  const { base, commit } = await built();
  person(forge, 'branch', '-m', 'main', 'trunk');
  expect(await landIt(base, commit)).toMatchObject({ ok: false, failure: { code: 'target_moved' } });
  expect(await build()).toMatchObject({ ok: false, failure: { code: 'target_missing' } });
  expect(person(forge, 'branch', '--list', 'main')).toBe('');
});

test('a first commit makes the target in an empty repository only: one that got another branch meanwhile is left as it is (AG-19, I4)', async () => {
  const { built, landIt, forge } = await setUp({ empty: true });
  const { base, commit } = await built();
  person(
    forge,
    'update-ref',
    'refs/heads/trunk',
    person(forge, 'commit-tree', '-m', 'by a person', person(forge, 'rev-parse', `${BRANCH}^{tree}`)),
  );
  expect(await landIt(base, commit)).toMatchObject({ ok: false, failure: { code: 'target_missing' } });
  expect(person(forge, 'branch', '--list', 'main')).toBe('');
});

test('a merge result that this machine does not have is not landed but built again', async () => {
  const { landIt, built } = await setUp();
  const { base } = await built();
  expect(await landIt(base, 'f'.repeat(40) as Sha)).toMatchObject({ ok: false, failure: { code: 'branch_missing' } });
});

test('a branch whose commit is nowhere is missing', async () => {
  const { build } = await setUp();
  expect(await build({ headCommit: 'f'.repeat(40), branch: 'gt/maple/00000000' })).toMatchObject({
    ok: false,
    failure: { code: 'branch_missing' },
  });
});

test('a refused push says so, and what the server said (protected branch)', async () => {
  const { built, landIt, forge } = await setUp();
  const { base, commit } = await built();
  writeFileSync(join(forge, 'hooks', 'pre-receive'), '#!/bin/sh\necho "main is protected" >&2\nexit 1\n', { mode: 0o755 });
  expect(await landIt(base, commit)).toMatchObject({
    ok: false,
    failure: { code: 'push_refused', message: expect.stringContaining('protected') },
  });
});

test('a lock that another git holds in the repository is told as that, and what met it is tried again (I4, BR-6)', async () => {
  const { built, landIt, git, remotes, mirror, forge, head } = await setUp();
  const { base, commit } = await built();
  const lock = (branch: string): string => join(forge, 'refs', 'heads', `${branch}.lock`);
  const locked = (branch: string) => ({
    ok: false,
    failure: { code: 'repository_locked', message: expect.stringContaining(`refs/heads/${branch}.lock, or one that was killed`) },
  });
  writeFileSync(lock('main'), '');
  expect(await landIt(base, commit)).toMatchObject(locked('main'));
  rmSync(lock('main'));
  expect(await landIt(base, commit)).toMatchObject({ ok: true });

  person(forge, 'branch', '-D', BRANCH);
  mkdirSync(dirname(lock(BRANCH)), { recursive: true });
  writeFileSync(lock(BRANCH), '');
  const push = () => pushOwnWork(git, remotes, mirror, { branch: BRANCH, head, expected: null, tried: new Set(), makeAgain: false });
  expect(await push()).toMatchObject(locked(BRANCH));
  rmSync(lock(BRANCH));
  expect(await push()).toMatchObject({ ok: true });
});

test('only a work branch is deleted, and only if it still is what landed', async () => {
  const { git, remotes, mirror, forge, head, worktree } = await setUp();
  expect(await deleteWorkBranch(git, remotes, mirror, 'main', head)).toMatchObject({ ok: false, failure: { code: 'push_refused' } });
  person(forge, 'update-ref', `refs/heads/${BRANCH}`, 'main');
  expect(await deleteWorkBranch(git, remotes, mirror, BRANCH, head)).toMatchObject({ ok: true });
  expect(person(forge, 'rev-parse', BRANCH)).toBe(person(forge, 'rev-parse', 'main'));
  person(forge, 'update-ref', `refs/heads/${BRANCH}`, head);
  expect(await deleteWorkBranch(git, remotes, mirror, BRANCH, head)).toMatchObject({ ok: true });
  expect(person(forge, 'branch', '--list', 'gt/*')).toBe('');
  expect(await deleteWorkBranch(git, remotes, mirror, BRANCH, head)).toMatchObject({ ok: true });
  expect(agentGit(worktree, 'rev-parse', '--is-inside-work-tree')).toBe('true');
});

test('a branch that the repository cannot let go of at this moment does not count as deleted: it is tried again', async () => {
  const { git, remotes, mirror, forge, head } = await setUp();
  const lock = join(forge, 'refs', 'heads', `${BRANCH}.lock`);
  writeFileSync(lock, '');
  expect(await deleteWorkBranch(git, remotes, mirror, BRANCH, head)).toMatchObject({
    ok: false,
    failure: { code: 'repository_locked', message: expect.stringContaining(`${BRANCH}.lock`) },
  });
  expect(person(mirror.path, 'rev-parse', `refs/heads/${BRANCH}`)).toBe(head);
  rmSync(lock);
  expect(await deleteWorkBranch(git, remotes, mirror, BRANCH, head)).toMatchObject({ ok: true });
  expect(person(forge, 'branch', '--list', 'gt/*')).toBe('');
  expect(person(mirror.path, 'for-each-ref', 'refs/heads', 'refs/gastown/held', 'refs/gastown/pushed')).toBe('');
});
