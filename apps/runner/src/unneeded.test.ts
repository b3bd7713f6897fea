import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createBareRepo, seedRepo, startGitServer } from '@gastown/rehearsal';
import { measureCaches, removeUnusedCaches } from './gates/cache-limit.ts';
import { pruneStore } from './lfs/prune.ts';
import { isStored } from './lfs/store.ts';
import { asidesLanded, noteAside } from './runs/aside.ts';
import { findLeftovers } from './runs/leftovers.ts';
import { makeKeyedLock } from './system/keyed-lock.ts';
import { BRANCH, person, RIG, tempFolder } from './testing/fixtures.ts';
import { objectAt, pointerTo, rigOf } from './testing/lfs-rig.ts';
import { removeUnneeded } from './unneeded.ts';

const DAY = 86_400_000;
const NOW = Date.now();
const MOST_MS = 60_000;

/** As if it was last used then. */
const age = (path: string, days: number): void => utimesSync(path, new Date(NOW), new Date(NOW - days * DAY));

async function rig() {
  const folder = tempFolder();
  const bare = await createBareRepo(join(folder, 'forge', 'acme', 'web.git'));
  const seeded = { '.gitattributes': '*.png filter=lfs diff=lfs merge=lfs -text\n', 'old.png': pointerTo('old') };
  await seedRepo(
    bare,
    Object.entries(seeded).map(([path, content]) => ({ path, content })),
    'first',
  );
  mkdirSync(dirname(objectAt(bare, 'old')), { recursive: true });
  writeFileSync(objectAt(bare, 'old'), 'old');
  const forge = await startGitServer({ root: join(folder, 'forge'), tokens: { token: { user: 'ada', push: true } }, lfs: true });
  onTestFinished(() => forge.close());
  const one = await rigOf(folder, forge.repoUrl('acme/web'), 'token');
  const { state, git } = one.around;
  const said: { event: string; data: object }[] = [];
  const keeping = { git, state, log: (event: string, data: object = {}) => void said.push({ event, data }) };
  const inRig = (...names: string[]): string => join(state, 'rigs', RIG, ...names);
  return { ...one, state, said, keeping, inRig, prune: () => removeUnneeded(keeping, NOW, MOST_MS).then((remove) => remove()) };
}

test('objects of Git LFS that nobody wanted for a month go; what a work branch names stays, pushed or not, until it is landed (I1)', async () => {
  const { write, commit, taken, mirror, said, prune } = await rig();
  const stored = (content: string): string => objectAt(mirror.path, content);
  const there = (): boolean[] => ['old', 'new'].map((content) => existsSync(stored(content)));
  const ageAll = (days: number): void =>
    ['old', 'new']
      .map(stored)
      .filter(existsSync)
      .forEach((path) => age(path, days));
  write('new.png', 'new');
  commit();
  const head = await taken();
  expect(there()).toEqual([true, true]);
  ageAll(29);
  await prune();
  expect([there(), said]).toEqual([[true, true], []]);
  ageAll(31);
  await prune();
  expect(there()).toEqual([false, true]);
  expect(said).toEqual([{ event: 'prune.lfs', data: { mirror: mirror.path, files: 1, bytes: 3 } }]);
  // Pushed, but nobody knows whether the server has the object.
  person(mirror.path, 'update-ref', `refs/remotes/origin/${BRANCH}`, head!);
  await prune();
  expect(there()).toEqual([false, true]);
  person(mirror.path, 'update-ref', 'refs/remotes/origin/main', head!);
  await prune();
  expect(there()).toEqual([false, false]);
});

test('an object that is wanted counts as new from then on, and what was on its way is forgotten', async () => {
  const { mirror, prune, said } = await rig();
  const old = objectAt(mirror.path, 'old');
  const half = join(mirror.path, 'lfs', 'tmp', 'half');
  mkdirSync(dirname(half), { recursive: true });
  writeFileSync(half, 'ol');
  age(old, 31);
  expect(await isStored(mirror.path, { oid: basename(old), size: 3 })).toBe(true);
  await prune();
  expect([existsSync(old), existsSync(half), said]).toEqual([true, false, []]);
});

test('where git cannot say what is named nothing goes', async () => {
  const { around, mirror } = await rig();
  const old = objectAt(mirror.path, 'old');
  age(old, 31);
  const broken = () => Promise.resolve({ ok: false, exitCode: 128, timedOut: false, out: '', error: 'fatal: bad object' });
  expect(await pruneStore(broken, mirror.path, 30 * DAY, NOW, () => false)).toMatchObject({ ok: false });
  expect(await pruneStore(around.git, mirror.path, 30 * DAY, NOW, () => true)).toEqual({ ok: true, value: { files: 0, bytes: 0 } });
  expect(existsSync(old)).toBe(true);
});

test('mirrors of submodules that nobody opened for a month go, but not while a worktree that was left or put aside may borrow from them', async () => {
  const { inRig, prune, said, state, worktree } = await rig();
  const module = (name: string, days: number): string => {
    const path = inRig('modules', `${name}.git`);
    mkdirSync(join(path, 'objects'), { recursive: true });
    age(path, days);
    return path;
  };
  const [old, fresh] = [module('old', 31), module('fresh', 29)];
  await prune();
  expect(existsSync(old)).toBe(true);
  rmSync(worktree.path, { recursive: true });
  mkdirSync(join(state, 'rescued', 'run-1-5'), { recursive: true });
  await prune();
  expect([existsSync(old), said]).toEqual([true, []]);
  rmSync(join(state, 'rescued'), { recursive: true });
  // Half removed by an earlier runner.
  mkdirSync(inRig('modules', '.removing-x.git-1', 'objects'), { recursive: true });
  await prune();
  expect([existsSync(old), existsSync(fresh)]).toEqual([false, true]);
  expect(readdirSync(inRig('modules'))).toEqual(['fresh.git']);
  expect(said).toEqual([{ event: 'prune.modules', data: { rigId: RIG, names: ['old.git'] } }]);
});

test('caches of gates go when no test had them for a month, and, beyond the limit, those that were used longest ago', async () => {
  const { inRig, state, prune, said } = await rig();
  const cache = (place: number, days: number, megabytes: number): string => {
    const path = inRig('caches', String(place));
    mkdirSync(join(path, 'npm'), { recursive: true });
    writeFileSync(join(path, 'npm', 'x'), Buffer.alloc(megabytes * 2 ** 20, 1));
    age(path, days);
    return path;
  };
  const [first, second, third, fourth] = [cache(0, 3, 1), cache(1, 9, 2), cache(2, 1, 1), cache(3, 31, 1)];
  const there = (): boolean[] => [first, second, third, fourth].map(existsSync);
  await prune();
  expect(there()).toEqual([true, true, true, false]);
  expect(said).toEqual([{ event: 'prune.caches', data: { folders: [fourth], bytes: 0 } }]);
  const limit = { bytes: 2.5 * 2 ** 20, unusedMs: 30 * DAY };
  // Nothing is known of their sizes yet.
  expect(await removeUnusedCaches(state, limit, NOW)).toMatchObject({ removed: [] });
  await measureCaches(state);
  const removed = await removeUnusedCaches(state, limit, NOW);
  expect(removed.removed).toEqual([second]);
  expect(Math.round(removed.bytes / 2 ** 20)).toBe(2);
  await removed.remove();
  expect(readdirSync(inRig('caches')).toSorted()).toEqual(['0', '2']);
  expect((await removeUnusedCaches(state, { ...limit, bytes: 0 }, NOW)).removed).toEqual([first, third]);
});

test('what was put aside goes a month after its bead landed; as long as that did not, it stays however old it is (I1)', async () => {
  const { state, around, keeping, said } = await rig();
  const aside = async (name: string, branch: string | null): Promise<void> => {
    mkdirSync(join(state, 'rescued', name), { recursive: true });
    writeFileSync(join(state, 'rescued', name, 'precious.txt'), 'hours of work');
    age(join(state, 'rescued', name), 400);
    if (branch !== null) await noteAside(state, name, { rigId: RIG, branch });
  };
  const other = BRANCH.replace(/[^/]+$/, 'ffffffff');
  await aside('run-1-1', BRANCH);
  await aside('run-2-1', other);
  await aside('run-3-1', null);
  await asidesLanded(state, RIG, BRANCH, NOW - 29 * DAY);
  const start = async (now: number): Promise<string[]> => {
    await removeUnneeded(keeping, now, MOST_MS).then((remove) => remove());
    await (
      await findLeftovers({ ...around, locks: makeKeyedLock() })
    ).cleared;
    return readdirSync(join(state, 'rescued')).toSorted();
  };
  const all = ['run-1-1', 'run-2-1', 'run-3-1'];
  // Told again, it is not younger for that.
  await asidesLanded(state, RIG, BRANCH, NOW);
  rmSync(join(state, 'worktrees'), { recursive: true });
  mkdirSync(join(state, 'worktrees'));
  expect(await start(NOW)).toEqual(all);
  expect(await start(NOW + DAY)).toEqual(['run-2-1', 'run-3-1']);
  expect([readdirSync(join(state, 'worktrees')), readdirSync(join(state, 'rescued-notes'))]).toEqual([[], ['run-2-1.json']]);
  expect(said).toEqual([{ event: 'prune.rescued', data: { names: ['run-1-1'] } }]);
});

test('what cannot be looked at in time is put off, and what breaks off keeps nothing else from being done', async () => {
  const { keeping, inRig, said, prune, mirror, worktree } = await rig();
  const old = objectAt(mirror.path, 'old');
  age(old, 31);
  await removeUnneeded(keeping, NOW, -1);
  expect([existsSync(old), new Set(said.map(({ event }) => event))]).toEqual([true, new Set(['prune.put_off'])]);
  rmSync(worktree.path, { recursive: true });
  writeFileSync(inRig('modules'), 'no folder');
  await prune();
  expect(existsSync(old)).toBe(false);
  expect(said.at(-2)).toMatchObject({ event: 'prune.failed', data: { what: `submodules of ${RIG}` } });
});
