import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RigId } from '@gastown/protocol';
import type { RigBrief } from '@gastown/protocol';
import { createBareRepo, seedRepo, startGitServer } from '@gastown/rehearsal';
import { makePlace } from '../runs/place.ts';
import { inCell } from '../system/cell.ts';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { context, gitSurroundings, MAYOR, person, RIG, runStart, tempFolder } from '../testing/fixtures.ts';
import { staysInside } from './checkout.ts';
import { makeCheckouts } from './checkouts.ts';

/** A Mayor at its desk, and a repository that a person works on. `token`: what the town has for it at the moment. */
async function desk(token: () => string | null = () => null) {
  const state = tempFolder();
  const forge = join(state, 'forge', 'acme', 'web.git');
  await seedRepo(await createBareRepo(forge), [{ path: 'src/a.ts', content: 'one\n' }], 'first');
  const work = join(state, 'person');
  person(state, 'clone', '-q', forge, work);
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  };
  const publish = (): void => {
    person(work, 'add', '-A');
    person(work, 'commit', '-qm', 'more');
    person(work, 'push', '-q', 'origin', 'HEAD:main');
  };
  const surroundings = await gitSurroundings(state, token);
  // Each turn may find something new: what was fetched is never fresh enough here.
  const mirrors = { ...surroundings.mirrors, freshen: surroundings.mirrors.fetch };
  const logged: unknown[] = [];
  const around = {
    ...surroundings,
    mirrors,
    state,
    locks: makeKeyedLock(),
    log: (event: string, fields = {}) => void logged.push({ event, ...fields }),
  };
  const start = runStart(null, { agentId: MAYOR, context: context({ rig: null, bead: null, branch: null }) });
  const seat = async (pool = 'kilo-mayor') => {
    const made = await makePlace(around, start, pool);
    if (!made.ok) throw new Error(made.failure.message);
    const cell = around.cells.agent(pool, null);
    return { path: made.value.cwd, cell, checkouts: makeCheckouts(around, { path: made.value.cwd, cell }) };
  };
  const rig = (changes: Partial<RigBrief> = {}): RigBrief => ({
    id: RIG,
    name: 'web',
    gitUrl: forge,
    state: 'ready',
    defaultBranch: 'main',
    ...changes,
  });
  return { state, forge, work, put, publish, around, logged, seat, rig };
}

type Seat = Awaited<ReturnType<Awaited<ReturnType<typeof desk>>['seat']>>;

/** As the Mayor's own tools would; its output, or null when it fails. */
function asMayor({ path: cwd, cell }: Seat, script: string): string | null {
  const { program, args } = inCell(cell, '/bin/sh', ['-ec', script]);
  try {
    return execFileSync(program, args, {
      cwd,
      env: { PATH: process.env['PATH'] ?? '' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

test('the Mayor finds the files of each rig at its desk, those that tell agents how to work too, and as they are now before each turn (MY-7)', async () => {
  const { put, publish, seat, rig, work } = await desk();
  put('AGENTS.md', 'Be kind.\n');
  publish();
  const mayor = await seat();
  await mayor.checkouts.freshen([rig()]);
  expect(asMayor(mayor, 'cat rigs/web/AGENTS.md rigs/web/src/a.ts')).toBe('Be kind.\none');
  expect(asMayor(mayor, 'ls -A rigs/web')).toBe('AGENTS.md\nsrc');
  const before = lstatSync(join(mayor.path, 'rigs/web/AGENTS.md')).ino;
  put('src/a.ts', 'two\n');
  put('src/b.ts', 'new\n');
  publish();
  await mayor.checkouts.freshen([rig()]);
  expect(asMayor(mayor, 'cat rigs/web/src/*')).toBe('two\nnew');
  expect(lstatSync(join(mayor.path, 'rigs/web/AGENTS.md')).ino).toBe(before);
  rmSync(join(work, 'src', 'a.ts'));
  publish();
  await mayor.checkouts.freshen([rig()]);
  expect(asMayor(mayor, 'ls rigs/web/src')).toBe('b.ts');
});

test('a token that ended since the last message is replaced before the next one: the Mayor has the code as it is now (MY-15)', async () => {
  const held = { token: 'first-token' };
  const { state, put, publish, seat, rig, logged } = await desk(() => held.token);
  const server = await startGitServer({ root: join(state, 'forge'), tokens: { 'first-token': { user: 'ada', push: false } } });
  onTestFinished(() => server.close());
  const mayor = await seat();
  const rigs = [rig({ gitUrl: server.repoUrl('acme/web') })];
  await mayor.checkouts.freshen(rigs);
  expect(asMayor(mayor, 'cat rigs/web/src/a.ts')).toBe('one');
  put('src/a.ts', 'two\n');
  publish();
  held.token = 'second-token';
  server.setTokens({ 'second-token': { user: 'ada', push: false } });
  await mayor.checkouts.freshen(rigs);
  expect([asMayor(mayor, 'cat rigs/web/src/a.ts'), logged]).toEqual(['two', []]);
});

test('the Mayor cannot change a file there, nor put something in the place of one (MY-10)', async () => {
  const { seat, rig, around } = await desk();
  const mayor = await seat();
  await mayor.checkouts.freshen([rig()]);
  // Where all are one user, the agent's own settings alone stand against it (reading.night.test.ts).
  const attempts =
    around.cells.isolation === 'none'
      ? []
      : [
          'echo x > rigs/web/src/a.ts',
          'echo x > rigs/web/new',
          'rm rigs/web/src/a.ts',
          'chmod u+w rigs/web',
          'mv rigs elsewhere',
          'mv .git elsewhere',
          'ln -s /tmp there',
          'echo x > here',
        ];
  for (const attempt of attempts) expect([attempt, asMayor(mayor, attempt)]).toEqual([attempt, null]);
  expect(asMayor(mayor, 'cat rigs/web/src/a.ts')).toBe('one');
  // Its own workspace is a repository of its own (GT-18).
  expect(asMayor(mayor, 'cat .git/HEAD && echo x > .git/x && cat .git/x')).toMatch(/^ref: refs\/heads\/\S+\nx$/);
});

test('a link that stays inside the repository is one there too; one that leads out is a file that says where', async () => {
  const { work, put, publish, seat, rig, state } = await desk();
  writeFileSync(join(state, 'secret'), 'secret\n');
  put('AGENTS.md', 'Be kind.\n');
  const links = {
    'CLAUDE.md': 'AGENTS.md',
    'src/up.md': '../AGENTS.md',
    'src/top': '..',
    out: '../../../secret',
    abs: '/etc/passwd',
    round: 'src/../../../x',
  };
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(work, path));
  publish();
  const mayor = await seat();
  const look = (): void => {
    expect(asMayor(mayor, 'cat rigs/web/CLAUDE.md rigs/web/src/up.md rigs/web/src/top/AGENTS.md')).toBe('Be kind.\nBe kind.\nBe kind.');
    for (const path of ['out', 'abs', 'round'] as const) {
      expect(lstatSync(join(mayor.path, 'rigs/web', path)).isFile()).toBe(true);
      expect(asMayor(mayor, `cat rigs/web/${path}`)).toBe(links[path]);
    }
  };
  await mayor.checkouts.freshen([rig()]);
  look();
  put('AGENTS.md', 'Be kind.\n\n');
  rmSync(join(work, 'src', 'top'));
  symlinkSync('../../AGENTS.md', join(work, 'src', 'top'));
  publish();
  await mayor.checkouts.freshen([rig()]);
  expect(readlinkSync(join(mayor.path, 'rigs/web/CLAUDE.md'))).toBe('AGENTS.md');
  expect(asMayor(mayor, 'cat rigs/web/src/top')).toBe('../../AGENTS.md');
  expect(staysInside('a/b/link', '../..')).toBe(true);
  expect(staysInside('a/b/link', '../../..')).toBe(false);
  expect(staysInside('link', '')).toBe(false);
});

test('what a restart, a lost folder or a lost index left is put right; nothing is written when nothing changed (MY-7)', async () => {
  const { seat, rig, state } = await desk();
  const first = await seat();
  await first.checkouts.freshen([rig()]);
  const file = join(first.path, 'rigs/web/src/a.ts');
  const inode = lstatSync(file).ino;
  await first.checkouts.freshen([rig()]);
  const again = await seat();
  await again.checkouts.freshen([rig()]);
  expect(lstatSync(file).ino).toBe(inode);
  writeFileSync(file, 'broken');
  rmSync(join(first.path, 'rigs/web/src'), { recursive: true });
  await (await seat()).checkouts.freshen([rig()]);
  expect(readFileSync(file, 'utf8')).toBe('one\n');
  rmSync(join(state, 'rigs', RIG, 'browse.index'));
  writeFileSync(join(first.path, 'rigs/web/left'), 'x');
  await (await seat()).checkouts.freshen([rig()]);
  expect(readdirSync(join(first.path, 'rigs/web'))).toEqual(['src']);
  // A runner that died while it made it.
  rmSync(join(first.path, 'rigs/web'), { recursive: true });
  mkdirSync(join(first.path, 'rigs/.making-web/half'), { recursive: true });
  writeFileSync(join(state, 'rigs', RIG, 'browse.index.lock'), '');
  await (await seat()).checkouts.freshen([rig()]);
  expect(readdirSync(join(first.path, 'rigs'))).toEqual(['web']);
  expect(readdirSync(join(first.path, 'rigs/web'))).toEqual(['src']);
  rmSync(first.path, { recursive: true });
  const last = await seat();
  await last.checkouts.freshen([rig()]);
  expect(asMayor(last, 'cat rigs/web/src/a.ts')).toBe('one');
});

test('a rig that is renamed or removed, and another Mayor’s cell, leave nothing behind', async () => {
  const { seat, rig } = await desk();
  const mayor = await seat();
  await mayor.checkouts.freshen([rig()]);
  await mayor.checkouts.freshen([rig({ name: 'The shop' })]);
  expect(asMayor(mayor, 'cat rigs/The-shop/src/a.ts && ls rigs')).toBe('one\nThe-shop');
  const other = await seat('kilo-other');
  await other.checkouts.freshen([rig({ name: 'The shop' })]);
  expect(asMayor(other, 'cat rigs/The-shop/src/a.ts')).toBe('one');
  await other.checkouts.freshen([]);
  expect(asMayor(other, 'ls rigs')).toBe('');
});

test('a repository that does not answer keeps its files and is logged; the others are freshened', async () => {
  const { seat, rig, forge, state, logged } = await desk();
  const shop = join(state, 'shop.git');
  await seedRepo(await createBareRepo(shop), [{ path: 'shop.txt', content: 'shop\n' }], 'first');
  const mayor = await seat();
  const rigs = [
    rig(),
    rig({ id: RigId.parse('rig-00000002'), name: 'shop', gitUrl: shop }),
    rig({ id: RigId.parse('rig-00000003'), name: 'new', defaultBranch: null }),
  ];
  await mayor.checkouts.freshen(rigs.slice(0, 1));
  renameSync(forge, `${forge}.gone`);
  await mayor.checkouts.freshen(rigs);
  expect(asMayor(mayor, 'cat rigs/web/src/a.ts rigs/shop/shop.txt')).toBe('one\nshop');
  expect(existsSync(join(mayor.path, 'rigs/new'))).toBe(false);
  expect(logged).toEqual([expect.objectContaining({ event: 'browse.not_fresh', rigId: RIG, code: 'repository_not_found' })]);
});
