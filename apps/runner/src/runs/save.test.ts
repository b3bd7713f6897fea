import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Sha } from '@gastown/protocol';
import { seedRepo } from '@gastown/rehearsal';
import type { Git } from '../git/git.ts';
import { deleteWorkBranch, dropRescues, pushRescue } from '../git/push.ts';
import { commitOf, rescueRef } from '../git/refs.ts';
import { takeWork } from '../git/take.ts';
import { agentGit, asAgent, BRANCH, person, RIG, RUN } from '../testing/fixtures.ts';
import { workingRig } from '../testing/worktree-rig.ts';
import { until } from '../testing/until.ts';
import { makeSaver } from './save.ts';

/** A run at work on its branch, with its saver. */
async function setUp({ empty = false } = {}) {
  const rig = await workingRig({ empty });
  const { forge, mirror, worktree: work, path: worktree } = rig;
  const logged: Record<string, unknown>[] = [];
  const log = (event: string, fields = {}): void => void logged.push({ event, ...fields });
  const newSaver = (changes: { git?: Git } = {}) =>
    makeSaver({ ...rig, log, ...changes }, { mirror, worktree: work, targetBranch: 'main' });
  const commit = (name: string, ...flags: string[]): string => {
    writeFileSync(join(worktree, name), name);
    agentGit(worktree, 'add', '-A');
    agentGit(worktree, 'commit', '-qm', `Add ${name}`, ...flags);
    return agentGit(worktree, 'rev-parse', 'HEAD');
  };
  return {
    ...rig,
    work,
    worktree,
    logged,
    newSaver,
    commit,
    saver: await newSaver(),
    atForge: () => tipOf(forge),
  };
}

const tipOf = (forge: string): string => person(forge, 'for-each-ref', '--format=%(objectname)', `refs/heads/${BRANCH}`);

test('new commits reach the repository; nothing new, nothing pushed (architecture §4)', async () => {
  const { saver, commit, atForge, logged } = await setUp();
  await saver.save('turn');
  expect(atForge()).toBe('');
  const first = commit('b');
  await saver.save('turn');
  expect(atForge()).toBe(first);
  await saver.save('end');
  const second = commit('c');
  await saver.save('checkpoint');
  expect(atForge()).toBe(second);
  expect(logged).toMatchObject([
    { event: 'run.saved', why: 'turn', commit: first },
    { event: 'run.saved', why: 'checkpoint', commit: second },
  ]);
});

test('commits that the agent rewrote replace what it had pushed', async () => {
  const { saver, commit, atForge } = await setUp();
  commit('b');
  await saver.save('turn');
  const better = commit('b2', '--amend');
  await saver.save('turn');
  expect(atForge()).toBe(better);
});

test('uncommitted work is not pushed', async () => {
  const { saver, worktree, atForge } = await setUp();
  writeFileSync(join(worktree, 'b'), 'b');
  await saver.save('end');
  expect(atForge()).toBe('');
});

test('a failure is logged with its code and rejects nothing; the next save brings everything', async () => {
  const { saver, commit, atForge, logged, forge } = await setUp();
  commit('b');
  const hook = join(forge, 'hooks', 'pre-receive');
  writeFileSync(hook, '#!/bin/sh\necho "closed today" >&2\nexit 1\n', { mode: 0o755 });
  await saver.save('turn');
  expect(logged).toMatchObject([
    { event: 'run.save_failed', why: 'turn', code: 'push_refused', message: expect.stringContaining('closed') },
  ]);
  writeFileSync(hook, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const second = commit('c');
  await saver.save('turn');
  expect(atForge()).toBe(second);
});

test('where the files in Git LFS cannot even be looked for, the commits are pushed all the same', async () => {
  const { newSaver, git, commit, atForge, logged, worktree } = await setUp();
  writeFileSync(join(worktree, '.gitattributes'), '*.png filter=lfs\n');
  let looks = 0;
  const failing: Git = (call, ...args) =>
    // The first look is where they are taken over; the one at all that is here is not for files in Git LFS.
    args[1] === '--objects' && args.at(-1) === '--remotes' && (looks += 1) > 1
      ? Promise.reject(new Error('too many open files'))
      : git(call, ...args);
  const saver = await newSaver({ git: failing });
  const head = commit('b');
  await saver.save('turn');
  expect(atForge()).toBe(head);
  expect(logged).toMatchObject([
    { event: 'run.save_failed', why: 'turn, files in Git LFS', message: 'too many open files' },
    { event: 'run.saved', commit: head },
  ]);
});

test('after the hand-in nothing is pushed any more, and a refused one lets the work go on (BR-6)', async () => {
  const { saver, commit, atForge } = await setUp();
  const first = commit('b');
  await saver.save('turn');
  await saver.holdForDone();
  const second = commit('c');
  await saver.save('turn');
  expect(atForge()).toBe(first);
  saver.goOn();
  await until('what waited', () => atForge() === second);
  const third = commit('d');
  await saver.save('turn');
  expect(atForge()).toBe(third);
});

test('a run that ends while its hand-in is looked at leaves nothing on this disk alone; once handed in, nothing is pushed', async () => {
  const { saver, commit, atForge, forge } = await setUp();
  await saver.holdForDone();
  const first = commit('b');
  await saver.save('end');
  expect(atForge()).toBe(first);
  expect(await saver.handIn(first as Sha)).toMatchObject({ ok: true });
  const second = commit('c');
  await saver.save('end');
  expect(atForge()).toBe(first);
  expect(person(forge, 'rev-parse', `${rescueRef(RUN)}^`)).toBe(second);
  saver.handedIn();
  const third = commit('d');
  await saver.save('end');
  expect(atForge()).toBe(first);
  expect(person(forge, 'rev-list', rescueRef(RUN))).not.toContain(third);
});

test('a hand-in waits for the push that is under way', async () => {
  const { saver, commit, atForge, forge } = await setUp();
  const first = commit('b');
  const [began, go] = [join(forge, 'began'), join(forge, 'go')];
  const hook = `#!/bin/sh\ntouch ${began}\nwhile [ ! -e ${go} ]; do sleep 0.05; done\n`;
  writeFileSync(join(forge, 'hooks', 'pre-receive'), hook, { mode: 0o755 });
  const saving = saver.save('turn');
  await until('the push', () => existsSync(began));
  let holds = false;
  const holding = saver.holdForDone().then(() => (holds = true));
  await new Promise(setImmediate);
  expect(holds).toBe(false);
  writeFileSync(go, '');
  await holding;
  expect(atForge()).toBe(first);
  await saving;
});

test('what is asked for while a save is under way is done for the strongest reason: the end of a run keeps all, whatever waits already', async () => {
  const { saver, commit, worktree, mirror, forge } = await setUp();
  commit('b');
  const first = saver.save('turn');
  const second = saver.save('checkpoint');
  writeFileSync(join(worktree, 'half'), 'half');
  await Promise.all([first, second, saver.save('end')]);
  expect(person(mirror.path, 'show', `${rescueRef(RUN)}:half`)).toBe('half');
  expect(person(forge, 'show', `${rescueRef(RUN)}:half`)).toBe('half');
});

test('a repository that does not answer holds up no keeping: what is here is in the mirror meanwhile', async () => {
  const { saver, commit, mirror, forge } = await setUp();
  commit('b');
  const [began, go] = [join(forge, 'began'), join(forge, 'go')];
  const hook = `#!/bin/sh\ntouch ${began}\nwhile [ ! -e ${go} ]; do sleep 0.05; done\n`;
  writeFileSync(join(forge, 'hooks', 'pre-receive'), hook, { mode: 0o755 });
  const saving = saver.save('turn');
  await until('the push', () => existsSync(began));
  const second = commit('c');
  const ending = saver.save('end');
  await saver.kept();
  expect(person(mirror.path, 'rev-parse', `refs/heads/${BRANCH}`)).toBe(second);
  writeFileSync(go, '');
  await Promise.all([saving, ending]);
});

test('at the end, commits that cannot go to the branch, for somebody went on with it, go to the repository beside it', async () => {
  const { saver, commit, atForge, forge } = await setUp();
  commit('b');
  await saver.save('turn');
  person(forge, 'update-ref', `refs/heads/${BRANCH}`, person(forge, 'commit-tree', '-m', 'from elsewhere', 'main^{tree}'));
  const elsewhere = atForge();
  const mine = commit('c');
  await saver.save('end');
  expect(atForge()).toBe(elsewhere);
  expect(person(forge, 'rev-parse', `${rescueRef(RUN)}^`)).toBe(mine);
});

test.each([
  ['clean', 'true', ['Add c'], 'c'],
  [
    'elsewhere, with edits',
    'git checkout -q --detach origin/main && git commit -q --allow-empty -m loose && echo half > half',
    ['Add c', 'loose'],
    'half',
  ],
])(
  'what went beside the branch at the end stays, here and in the repository, when the worktree is then cleared: one that is %s',
  async (_state, script, subjects, file) => {
    const { saver, commit, forge, git, mirror, remotes, work, worktree } = await setUp();
    commit('b');
    await saver.save('turn');
    person(forge, 'update-ref', `refs/heads/${BRANCH}`, person(forge, 'commit-tree', '-m', 'from elsewhere', 'main^{tree}'));
    commit('c');
    await saver.save('end');
    asAgent(worktree, script);
    const kept = await takeWork(git, mirror, work);
    expect(await takeWork(git, mirror, work)).toEqual(kept);
    const rescued = kept.ok ? kept.value.rescued : null;
    await pushRescue(git, remotes, mirror, RUN, rescued as Sha);
    for (const place of [mirror.path, forge]) {
      expect(person(place, 'log', '--format=%s', rescueRef(RUN)).split('\n')).toEqual(expect.arrayContaining(subjects));
      expect(person(place, 'ls-tree', '--name-only', rescueRef(RUN)).split('\n')).toContain(file);
    }
  },
);

test('a push whose answer was lost is known for our own, also when the agent rewrote it since', async () => {
  const { saver, commit, atForge, forge, mirror } = await setUp();
  const lost = commit('b');
  const hook = join(forge, 'hooks', 'pre-receive');
  writeFileSync(hook, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  await saver.save('turn');
  writeFileSync(hook, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  person(forge, 'fetch', '-q', mirror.path, `${lost}:refs/heads/${BRANCH}`);
  const better = commit('b2', '--amend');
  await saver.save('turn');
  expect(atForge()).toBe(better);
});

test('a branch that was deleted is not made again: by the landing, nor by a person (BR-6)', async () => {
  const { saver, commit, atForge, git, remotes, mirror, logged, newSaver, forge } = await setUp();
  commit('b');
  await saver.save('turn');
  const head = (await commitOf(git, mirror.path, `refs/heads/${BRANCH}`))!;
  const retired = await newSaver();
  retired.retire();
  await deleteWorkBranch(git, remotes, mirror, BRANCH, head);
  commit('c');
  await retired.save('end');
  await saver.save('turn');
  expect(atForge()).toBe('');
  expect(logged.at(-1)).toMatchObject({ event: 'run.save_failed', code: 'branch_missing' });
  await seedRepo(forge, [{ path: 'z', content: 'z' }], 'others go on');
  commit('d');
  await saver.save('end');
  expect(atForge()).toBe('');
});

test('what lies beside work that landed is forgotten with it, and does not come back with the end of its run (BR-6)', async () => {
  const { saver, commit, git, remotes, mirror, forge, worktree } = await setUp();
  const head = commit('b') as Sha;
  writeFileSync(join(worktree, 'half'), 'half');
  await saver.save('turn');
  await saver.holdForDone();
  expect(await saver.handIn(head)).toMatchObject({ ok: true });
  saver.handedIn();
  saver.retire();
  await deleteWorkBranch(git, remotes, mirror, BRANCH, head);
  await dropRescues(git, remotes, mirror, BRANCH);
  await saver.save('end');
  expect([mirror.path, forge].map((at) => person(at, 'for-each-ref', 'refs/gastown'))).toEqual(['', '']);
});

test('the last push of an earlier run that arrives late is gone on from; work that we do not have is not overwritten', async () => {
  const { saver, commit, atForge, forge, newSaver, logged } = await setUp();
  commit('b');
  const late = await newSaver();
  await late.save('end');
  const mine = commit('c');
  await saver.save('turn');
  expect(atForge()).toBe(mine);
  person(forge, 'update-ref', `refs/heads/${BRANCH}`, person(forge, 'commit-tree', '-m', 'from elsewhere', 'main^{tree}'));
  const elsewhere = atForge();
  commit('d');
  await saver.save('turn');
  expect(atForge()).toBe(elsewhere);
  expect(logged.at(-1)).toMatchObject({ event: 'run.save_failed', code: 'target_moved' });
});

test('work whose target was renamed in the repository goes there all the same, and what adds nothing does not (I4)', async () => {
  const { saver, commit, atForge, forge, mirrors, mirror } = await setUp();
  person(forge, 'branch', '-m', 'main', 'trunk');
  await mirrors.fetch(mirror);
  await saver.save('turn');
  expect(atForge()).toBe('');
  const head = commit('b');
  await saver.save('turn');
  expect(atForge()).toBe(head);
});

test('work of which git cannot say whether it is new is told as not saved', async () => {
  const { newSaver, commit, git, logged, mirrors, mirror, forge } = await setUp();
  person(forge, 'branch', '-m', 'main', 'trunk');
  await mirrors.fetch(mirror);
  const failing: Git = (call, ...args) => git(args[0] === 'rev-list' ? { ...call, input: 'nonsense\n' } : call, ...args);
  const saver = await newSaver({ git: failing });
  commit('b');
  await saver.save('turn');
  expect(logged).toMatchObject([{ event: 'run.save_failed', why: 'turn', code: 'git_failed' }]);
});

test.each(['somebody went on with its branch', 'its hand-in is looked at'])(
  'at the end, where %s and git fails to put commits beside it, what was rescued before goes to the repository, and it is told (DR-9)',
  async (why) => {
    const { newSaver, commit, worktree, git, mirror, forge, logged } = await setUp();
    const failing: Git = (call, ...args) =>
      git(args[0] === 'commit-tree' && call.cwd === mirror.path ? { ...call, environment: { GIT_DIR: '/nonexistent' } } : call, ...args);
    const saver = await newSaver({ git: failing });
    const first = commit('b');
    await saver.save('turn');
    if (why === 'its hand-in is looked at') {
      await saver.holdForDone();
      await saver.handIn(first as Sha);
    } else person(forge, 'update-ref', `refs/heads/${BRANCH}`, person(forge, 'commit-tree', '-m', 'from elsewhere', 'main^{tree}'));
    const last = commit('c');
    agentGit(worktree, 'checkout', '-q', '--detach', first);
    commit('loose');
    writeFileSync(join(worktree, 'half'), 'half');
    await saver.save('end');
    expect(person(forge, 'show', `${rescueRef(RUN)}:half`)).toBe('half');
    expect(logged).toContainEqual(expect.objectContaining({ event: 'run.not_rescued', commit: last }));
  },
);

test('an empty repository gets its first branch by landing only (AG-19)', async () => {
  const { saver, commit, atForge } = await setUp({ empty: true });
  commit('b');
  await saver.save('turn');
  expect(atForge()).toBe('');
});

test('a repository that holds nothing but work branches is still an empty one (AG-19)', async () => {
  const { commit, mirrors, mirror, git, remotes, worktree } = await setUp({ empty: true });
  commit('b');
  await remotes.run(RIG, mirror.gitUrl, { cwd: worktree }, (url) => ['push', '--', url, `HEAD:refs/heads/${BRANCH}`]);
  expect((await git({ cwd: worktree }, 'ls-remote', mirror.gitUrl)).out).toContain(BRANCH);
  expect(await mirrors.look(mirror)).toEqual({ ok: true, value: { defaultBranch: 'main', empty: true, head: null } });
});
