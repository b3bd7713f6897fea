import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createBareRepo, seedRepo } from '@gastown/rehearsal';
import { testMerge } from '../gates/test-merge.ts';
import { lookAtDone } from '../runs/done.ts';
import {
  agentGit,
  asAgent,
  gitSurroundings,
  mergeTest,
  person,
  RIG,
  SIGNATURE,
  taken,
  tempFolder,
  worktreeAt,
} from '../testing/fixtures.ts';
import { outsideText } from './outside.ts';
import { prepareWorktree } from './worktree.ts';

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;

/** A repository with a submodule and files in Git LFS, and a run's worktree of it. */
async function run() {
  const state = tempFolder();
  const [forge, part] = [join(state, 'forge.git'), join(state, 'part.git')];
  await seedRepo(await createBareRepo(part), [{ path: 'part.txt', content: 'part\n' }], 'first');
  await seedRepo(
    await createBareRepo(forge),
    [
      { path: 'assets/.gitattributes', content: '*.png filter=lfs diff=lfs merge=lfs -text\n' },
      { path: 'assets/old.png', content: POINTER },
    ],
    'first',
  );
  const work = join(state, 'person');
  person(state, 'clone', '-q', forge, work);
  person(work, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', part, 'libs/part');
  person(work, 'commit', '-qm', 'a submodule');
  person(work, 'push', '-q', 'origin', 'HEAD:main');
  const around = await gitSurroundings(state);
  const opened = await around.mirrors.open(RIG, forge);
  if (!opened.ok || !(await around.mirrors.fetch(opened.value)).ok) throw new Error('no mirror');
  const worktree = worktreeAt(around, state);
  const prepared = await prepareWorktree(around.git, opened.value, {
    worktree,
    targetBranch: 'main',
    startFrom: null,
    signature: SIGNATURE,
  });
  if (!prepared.ok) throw new Error(prepared.failure.message);
  const commit = (path: string, text: string): void => {
    asAgent(worktree.path, 'mkdir -p "$(dirname "$1")" && printf %s "$2" > "$1"', path, text);
    agentGit(worktree.path, 'add', '-A');
    agentGit(worktree.path, 'commit', '-qm', `Change ${path}`);
  };
  const done = () =>
    lookAtDone(around.git, around.remotes, opened.value, {
      worktree,
      targetBranch: 'main',
      agentName: 'Toast',
      beadId: 'gt-1a2b3c4d',
      noChanges: false,
    });
  return { around, forge, mirror: opened.value, worktree, outside: prepared.value.outside, commit, done };
}

test('a repository with submodules and files in Git LFS is worked on, and it is said what is not there', async () => {
  const { outside, worktree, commit, done } = await run();
  expect(outside).toEqual({ submodules: ['libs/part'], lfs: true });
  expect(outsideText(outside)).toMatch(/"libs\/part" is empty here\. Files in Git LFS are not fetched/);
  expect(outsideText({ submodules: [], lfs: false })).toBe(null);
  expect(asAgent(worktree.path, 'ls -A libs/part; cat assets/old.png')).toBe(POINTER.trim());
  commit('a.txt', 'a\n');
  expect(await done()).toMatchObject({ ok: true, value: { ahead: 1 } });
  expect(agentGit(worktree.path, 'ls-tree', 'HEAD', 'libs/part')).toMatch(/^160000 commit/);
});

test('a hand-in that adds or changes a file which belongs into Git LFS is refused with its name, be it content or a pointer', async () => {
  const { commit, done } = await run();
  commit('assets/new.png', 'not a pointer');
  commit('readme.png', 'outside of the rule');
  expect(await done()).toMatchObject({ ok: false, failure: { code: 'not_pushed', details: { files: ['assets/new.png'] } } });
  commit('assets/new.png', POINTER);
  expect(await done()).toMatchObject({ ok: false, failure: { details: { files: ['assets/new.png'] } } });
});

test('a change of a file in Git LFS that is taken back is handed in', async () => {
  const { worktree, commit, done } = await run();
  commit('assets/old.png', 'changed');
  expect(await done()).toMatchObject({ ok: false, failure: { details: { files: ['assets/old.png'] } } });
  agentGit(worktree.path, 'checkout', '-q', 'origin/main', '--', 'assets/old.png');
  commit('a.txt', 'a\n');
  expect(await done()).toMatchObject({ ok: true });
});

test('a gate that fails over what is not there says so in its output', async () => {
  const { around, forge, mirror, worktree, commit } = await run();
  commit('a.txt', 'a\n');
  const head = await taken(around, mirror, worktree);
  const surroundings = {
    ...around,
    path: process.env['PATH'] ?? '',
    lang: 'C.UTF-8',
    now: Date.now,
    redact: (text: string) => text,
    gateTimeoutMs: 30_000,
  };
  const tested = await testMerge(surroundings, mergeTest(forge, head, { gates: ['true', 'cat libs/part/part.txt'] }));
  expect(tested).toMatchObject({
    ok: true,
    value: {
      passed: false,
      gates: [
        { exitCode: 0, output: expect.not.stringContaining('Submodules') as string },
        { output: expect.stringContaining('Submodules are not fetched: "libs/part" is empty here.') as string },
      ],
    },
  });
});
