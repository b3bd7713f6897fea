import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { seedRepo } from '@gastown/rehearsal';
import { agentGit, BRANCH, person } from '../testing/fixtures.ts';
import { workingRig } from '../testing/worktree-rig.ts';
import { lookAtDone } from './done.ts';
import { makeSaver } from './save.ts';

async function setUp() {
  const rig = await workingRig();
  const { forge, folder, mirror, worktree } = rig;
  const saver = await makeSaver(rig, { mirror, worktree, targetBranch: 'main' });
  const look = (noChanges = false) =>
    lookAtDone(rig.git, rig.remotes, mirror, {
      worktree,
      targetBranch: 'main',
      isNew: false,
      agentName: 'Toast',
      beadId: 'gt-1a2b3c4d',
      noChanges,
      push: saver.handIn,
    });
  return { forge, worktree: rig.path, look, mirror: mirror.path, folder };
}
const work = (worktree: string): void => {
  writeFileSync(join(worktree, 'b.txt'), 'b\n');
  agentGit(worktree, 'add', '-A');
  agentGit(worktree, 'commit', '-qm', 'Add b');
};

test('a done with commits is pushed by the runner and comes with what it holds (GT-15)', async () => {
  const { forge, worktree, look } = await setUp();
  work(worktree);
  const head = agentGit(worktree, 'rev-parse', 'HEAD');
  expect(await look()).toMatchObject({
    ok: true,
    value: { branch: BRANCH, headCommit: head, ahead: 1, commits: [{ sha: head, subject: 'Add b', author: 'Ada' }] },
  });
  expect(person(forge, 'rev-parse', BRANCH)).toBe(head);
});

test('a done after a rebase replaces what was pushed before', async () => {
  const { forge, worktree, look } = await setUp();
  work(worktree);
  await look();
  agentGit(worktree, 'commit', '-q', '--amend', '-m', 'Add b, better');
  expect(await look()).toMatchObject({ ok: true, value: { commits: [{ subject: 'Add b, better' }] } });
  expect(person(forge, 'log', '-1', '--format=%s', BRANCH)).toBe('Add b, better');
});

test('a done does not replace what another run or a person pushed meanwhile: the agent is told to take it in, and then it goes', async () => {
  const { forge, worktree, look, mirror } = await setUp();
  work(worktree);
  await look();
  const first = agentGit(worktree, 'rev-parse', 'HEAD');
  const theirs = person(forge, 'commit-tree', '-p', first, '-m', 'By another', `${first}^{tree}`);
  person(forge, 'update-ref', `refs/heads/${BRANCH}`, theirs);
  agentGit(worktree, 'commit', '-q', '--amend', '-m', 'Add b, better');
  expect(await look()).toMatchObject({ ok: false, failure: { code: 'not_pushed', message: expect.stringContaining('git fetch origin') } });
  expect(person(forge, 'rev-parse', BRANCH)).toBe(theirs);
  expect(person(mirror, 'rev-parse', `refs/remotes/origin/${BRANCH}`)).toBe(theirs);
  agentGit(worktree, 'fetch', '-q', 'origin');
  agentGit(worktree, 'merge', '-q', '--no-edit', `origin/${BRANCH}`);
  expect(await look()).toMatchObject({ ok: true });
  expect(person(forge, 'rev-parse', BRANCH)).toBe(agentGit(worktree, 'rev-parse', 'HEAD'));
});

test('a done makes a branch again that was deleted in the repository: the agent says that this is to land', async () => {
  const { forge, worktree, look } = await setUp();
  work(worktree);
  await look();
  person(forge, 'update-ref', '-d', `refs/heads/${BRANCH}`);
  agentGit(worktree, 'commit', '-q', '--allow-empty', '-m', 'More');
  expect(await look()).toMatchObject({ ok: true });
  expect(person(forge, 'rev-parse', BRANCH)).toBe(agentGit(worktree, 'rev-parse', 'HEAD'));
});

test('uncommitted and untracked files are named, and nothing is pushed', async () => {
  const { forge, worktree, look } = await setUp();
  work(worktree);
  writeFileSync(join(worktree, 'a.txt'), 'changed\n');
  writeFileSync(join(worktree, 'new.txt'), 'new\n');
  expect(await look()).toMatchObject({
    ok: false,
    failure: { code: 'uncommitted_changes', message: expect.stringMatching(/a\.txt[^]*new\.txt/) },
  });
  expect(person(forge, 'branch', '--list', 'gt/*')).toBe('');
});

test('looking takes no lock of the agent’s repository: a look that is killed at its limit leaves none behind', async () => {
  const { worktree, look } = await setUp();
  work(worktree);
  const index = () => readFileSync(join(worktree, '.git', 'index')).toString('hex');
  utimesSync(join(worktree, 'b.txt'), 1, 1); // what a status would write into the index, under its lock
  const before = index();
  expect(await look()).toMatchObject({ ok: true });
  expect(index() === before).toBe(true);
});

test('nothing to land is refused, unless the agent says that nothing was to be done', async () => {
  const { look } = await setUp();
  expect(await look()).toMatchObject({ ok: false, failure: { code: 'nothing_done' } });
  expect(await look(true)).toEqual({ ok: true, value: null });
});

test('who says that nothing was to be done and has commits is told which; handed in or taken back, it goes (GT-15)', async () => {
  const { forge, worktree, look, mirror } = await setUp();
  work(worktree);
  const head = agentGit(worktree, 'rev-parse', '--short=12', 'HEAD');
  await seedRepo(forge, [{ path: 'c.txt', content: 'c\n' }], 'somebody else');
  expect(await look(true)).toMatchObject({
    ok: false,
    failure: {
      code: 'not_pushed',
      message: expect.stringContaining(`1 commit beyond main:\n${head} Add b\nHand it in without no_changes`),
    },
  });
  expect(person(forge, 'branch', '--list', 'gt/*')).toBe('');
  agentGit(worktree, 'fetch', '-q', 'origin');
  agentGit(worktree, 'reset', '-q', '--hard', 'origin/main');
  expect(await look(true)).toEqual({ ok: true, value: null });
  expect(person(mirror, 'rev-parse', `refs/heads/${BRANCH}`)).toBe(person(forge, 'rev-parse', 'main'));
});

test('commits on another branch are not handed in by mistake', async () => {
  const { worktree, look } = await setUp();
  agentGit(worktree, 'checkout', '-q', '-b', 'elsewhere');
  work(worktree);
  expect(await look()).toMatchObject({ ok: false, failure: { code: 'not_pushed', message: expect.stringContaining(BRANCH) } });
});

test('a repository that refuses the push is told to the agent with its reason', async () => {
  const { forge, worktree, look } = await setUp();
  work(worktree);
  writeFileSync(join(forge, 'hooks', 'pre-receive'), '#!/bin/sh\necho "no space for you" >&2\nexit 1\n', { mode: 0o755 });
  const refused = { code: 'not_pushed', message: expect.stringContaining('no space for you'), details: { cause: 'push_refused' } };
  expect(await look()).toMatchObject({ ok: false, failure: refused });
});

test('a repository that is away, or locked by another git, is the cause that is kept (I10)', async () => {
  const { forge, worktree, look } = await setUp();
  work(worktree);
  const refs = join(forge, 'refs', 'heads', `${BRANCH}.lock`);
  mkdirSync(dirname(refs), { recursive: true });
  writeFileSync(refs, '');
  expect(await look()).toMatchObject({ ok: false, failure: { code: 'not_pushed', details: { cause: 'repository_locked' } } });
  renameSync(forge, `${forge}.away`);
  expect(await look()).toMatchObject({ ok: false, failure: { code: 'not_pushed', details: { cause: 'repository_not_found' } } });
});

test('commits that seem not to be made for the bead are marked: of a person, with the trailer of another bead, of another agent whose branch is there (GT-17)', async () => {
  const { forge, worktree, look, mirror, folder } = await setUp();
  work(worktree);
  const byPerson = join(folder, 'person');
  person(folder, 'clone', '-q', forge, byPerson);
  person(byPerson, 'commit', '-q', '--allow-empty', '-m', 'By hand');
  const byHand = person(byPerson, 'rev-parse', 'HEAD');
  const other = { GIT_COMMITTER_NAME: 'Rust (Polecat)', GIT_COMMITTER_EMAIL: 'polecat@gastown.invalid' };
  const commitTree = (parent: string, message: string): string =>
    execFileSync('git', ['commit-tree', '-p', parent, '-m', message, `${parent}^{tree}`], {
      cwd: byPerson,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'a@example.invalid', ...other },
    }).trim();
  const rust = commitTree(byHand, 'Of another bead');
  const earlier = commitTree(rust, 'Of an earlier agent');
  person(byPerson, 'push', '-q', 'origin', `${earlier}:refs/heads/people/x`);
  person(mirror, 'fetch', '-q', forge, `${earlier}:refs/remotes/origin/people/x`, `${rust}:refs/remotes/origin/gt/rust/99999999`);
  agentGit(worktree, 'fetch', '-q', 'origin');
  agentGit(worktree, 'merge', '-q', '--no-edit', earlier);
  agentGit(worktree, 'commit', '-q', '--allow-empty', '-m', 'Picked\n\nBead-ID: gt-99999999');
  agentGit(worktree, 'commit', '-q', '--allow-empty', '-m', 'Mine\n\nBead-ID: gt-1a2b3c4d');
  const seen = await look();
  if (!seen.ok || seen.value === null) throw new Error(JSON.stringify(seen));
  expect(
    Object.fromEntries(seen.value.commits.map(({ subject, foreign }) => [subject.replace(/^Merge.*/, 'Merge'), foreign ?? null])),
  ).toEqual({
    'Add b': null,
    'By hand': 'another_person',
    'Of another bead': 'another_branch',
    'Of an earlier agent': null,
    Merge: null,
    Picked: 'another_bead',
    Mine: null,
  });
});
