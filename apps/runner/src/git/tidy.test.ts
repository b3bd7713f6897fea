import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testMerge } from '../gates/test-merge.ts';
import { BRANCH, mergeTest, person, RIG } from '../testing/fixtures.ts';
import { commit, gatesOf, workingRig } from '../testing/worktree-rig.ts';
import { until } from '../testing/until.ts';
import { tidyMirror } from './tidy.ts';

async function spoiltRig() {
  const rig = await workingRig();
  const { forge, mirror, path } = rig;
  commit(path, 'b.txt', 'BAD\n');
  const head = await rig.take();
  return {
    git: rig.git,
    folder: rig.folder,
    forge,
    mirror: mirror.path,
    path,
    judge: () => testMerge(gatesOf(rig, 5_000), mergeTest(forge, head, { gates: ['cat b.txt'] })),
    open: () => rig.mirrors.open(RIG, forge),
    fetch: () => rig.mirrors.fetch(mirror),
  };
}
const seen = (output: string) => ({ ok: true, value: { passed: true, gates: [{ output }] } });

test('gates see the bytes of the commit, whatever filters, attributes and replaced objects got into the mirror (I5)', async () => {
  const { folder, mirror, judge } = await spoiltRig();
  person(mirror, 'config', 'filter.evil.smudge', `sed s/BAD/GOOD/; touch ${join(folder, 'ran')}`);
  mkdirSync(join(mirror, 'info'), { recursive: true });
  writeFileSync(join(mirror, 'info', 'attributes'), '*.txt filter=evil\n');
  writeFileSync(join(folder, 'good'), 'GOOD\n');
  person(mirror, 'replace', person(mirror, 'rev-parse', `${BRANCH}:b.txt`), person(mirror, 'hash-object', '-w', join(folder, 'good')));
  expect(await judge()).toMatchObject(seen('BAD\n'));
  expect(existsSync(join(folder, 'ran'))).toBe(false);
  expect(person(mirror, 'replace', '-l')).toBe('');
});

test.each(['loose', 'packed'])('an object that is replaced by a %s ref is itself again before the mirror is used (I5)', async (how) => {
  const { folder, mirror, open } = await spoiltRig();
  writeFileSync(join(folder, 'good'), 'GOOD\n');
  person(mirror, 'replace', person(mirror, 'rev-parse', `${BRANCH}:b.txt`), person(mirror, 'hash-object', '-w', join(folder, 'good')));
  if (how === 'packed') person(mirror, 'pack-refs', '--all');
  expect(person(mirror, 'show', `${BRANCH}:b.txt`)).toBe('GOOD');
  await open();
  expect(person(mirror, 'show', `${BRANCH}:b.txt`)).toBe('BAD');
});

test.each<[string, (mirror: string) => void]>([
  ['settings that cannot be read', (mirror) => appendFileSync(join(mirror, 'config'), '[[[')],
  ['a HEAD that names nothing', (mirror) => writeFileSync(join(mirror, 'HEAD'), 'nonsense')],
  ['settings that are gone', (mirror) => rmSync(join(mirror, 'config'))],
  ['an address that leads elsewhere', (mirror) => appendFileSync(join(mirror, 'config'), '[url "/nonexistent"]\n\tinsteadOf = /\n')],
  ['objects borrowed from elsewhere', (mirror) => writeFileSync(join(mirror, 'objects/info/alternates'), '/nonexistent\n')],
  ['a mirror that says to be part of another', (mirror) => writeFileSync(join(mirror, 'commondir'), '/nonexistent\n')],
  ['a lock that a killed git left', (mirror) => oldFile(join(mirror, 'refs/remotes/origin/main.lock'))],
  [
    'packed refs that a killed git had half written',
    (mirror) => {
      person(mirror, 'update-ref', 'refs/remotes/origin/gone', 'refs/remotes/origin/main');
      person(mirror, 'pack-refs', '--all');
      for (const name of ['packed-refs.lock', 'packed-refs.new']) oldFile(join(mirror, name));
    },
  ],
])('%s do not stop the rig', async (_what, spoil) => {
  const { mirror, judge, open, fetch } = await spoiltRig();
  spoil(mirror);
  expect(await open()).toMatchObject({ ok: true });
  expect(await fetch()).toMatchObject({ ok: true });
  expect(await judge()).toMatchObject(seen('BAD\n'));
});

test('a lock that is held this moment stays', async () => {
  const { mirror, open } = await spoiltRig();
  writeFileSync(join(mirror, 'packed-refs.lock'), '');
  await open();
  expect(existsSync(join(mirror, 'packed-refs.lock'))).toBe(true);
});

test('however old a lock looks, it stays while a git of this runner is at work in the mirror, and goes after it (I5)', async () => {
  const { folder, mirror, open, git } = await spoiltRig();
  const lock = join(mirror, 'packed-refs.lock');
  const [began, go] = [join(folder, 'began'), join(folder, 'go')];
  const slow = join(folder, 'slow');
  writeFileSync(slow, `#!/bin/sh\ntouch ${began}\nwhile [ ! -e ${go} ]; do sleep 0.05; done\nexit 1\n`, { mode: 0o755 });
  const atWork = git({ cwd: mirror }, 'fetch', `--upload-pack=${slow}`, '--', folder);
  await until('the git', () => existsSync(began));
  oldFile(lock);
  await open();
  expect(existsSync(lock)).toBe(true);
  writeFileSync(go, '');
  expect(await atWork).toMatchObject({ ok: false });
  await open();
  expect(existsSync(lock)).toBe(false);
});

test('what a fetch that was ended left of a pack goes; what arrives this moment stays (GT-1)', async () => {
  const { mirror, open } = await spoiltRig();
  const [old, fresh] = ['tmp_pack_a1b2c3', 'tmp_pack_d4e5f6'].map((name) => join(mirror, 'objects', 'pack', name)) as [string, string];
  mkdirSync(join(mirror, 'objects', 'pack'), { recursive: true });
  oldFile(old);
  writeFileSync(fresh, '');
  await open();
  expect([old, fresh].map((path) => existsSync(path))).toEqual([false, true]);
});

test('a mirror may be put in order several times at once', async () => {
  const { mirror, git } = await spoiltRig();
  const before = readFileSync(join(mirror, 'config'), 'utf8');
  writeFileSync(join(mirror, 'HEAD'), 'nonsense');
  writeFileSync(join(mirror, 'config'), '');
  await Promise.all(Array.from({ length: 8 }, () => tidyMirror(git, mirror)));
  expect(readFileSync(join(mirror, 'config'), 'utf8')).toBe(before);
  expect(readFileSync(join(mirror, 'HEAD'), 'utf8')).toBe('ref: refs/heads/main\n');
});

function oldFile(path: string): void {
  writeFileSync(path, '');
  const before = Date.now() / 1_000 - 120;
  utimesSync(path, before, before);
}

test('folders of refs that another git takes away meanwhile fail no use of the mirror: a hand-in ended so (S11, GT-1)', async () => {
  const { git, mirror } = await spoiltRig();
  const folders = Array.from({ length: 30 }, (_, number) => join(mirror, 'refs', 'gastown', 'held', `agent-${number}`));
  let isOver = false;
  const comeAndGo = async (): Promise<void> => {
    while (!isOver) {
      await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
    }
  };
  const others = comeAndGo();
  try {
    for (let times = 0; times < 20; times += 1) await expect(tidyMirror(git, mirror)).resolves.toBeUndefined();
  } finally {
    isOver = true;
    await others;
  }
});
