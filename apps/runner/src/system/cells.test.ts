import { spawn } from 'node:child_process';
import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { RIG, tempFolder } from '../testing/fixtures.ts';
import { until } from '../testing/until.ts';
import {
  cellVariables,
  endUser,
  inCell,
  makeCellFolder,
  makeFoldersInCell,
  makePassage,
  OWN,
  removeOwned,
  runInCell,
  writeInCell,
} from './cell.ts';
import type { Cell } from './cell.ts';
import { openCells } from './cells.ts';
import type { CellsWish } from './cells.ts';

const isRoot = process.getuid?.() === 0;

const open = (state: string, changes: Partial<CellsWish> = {}) =>
  openCells({ state, isolation: 'auto', programs: [process.execPath], path: '/usr/bin:/bin', random: Math.random, ...changes });

async function cells(state = tempFolder()) {
  const opened = await open(state, { isolation: 'users' });
  if (!opened.ok) throw new Error(opened.failure.message);
  return { state, cells: opened.value.cells };
}

async function run(cell: Cell, script: string, home = '/nonexistent') {
  const { program, args } = inCell(cell, '/bin/sh', ['-c', script]);
  const env = { PATH: process.env['PATH'] ?? '', ...cellVariables(home) };
  return execa(program, args, { cwd: '/', env, extendEnv: false, reject: false });
}

test('without users every cell is the runner itself', async () => {
  const state = tempFolder();
  const opened = await open(state, { isolation: 'none' });
  if (!opened.ok) throw new Error(opened.failure.message);
  expect(opened.value.cells.isolation).toBe('none');
  expect((await run(opened.value.cells.agent('kilo-1', RIG), 'id -u')).stdout).toBe(String(process.getuid?.()));
  expect(existsSync(join(state, 'cells.json'))).toBe(false);
});

test.runIf(isRoot)('a cell has a user of its own without rights, which is the same after a restart (design/runner.md §1)', async () => {
  const { state, cells: first } = await cells();
  mkdirSync(join(state, 'agents', 'kilo-1'), { recursive: true });
  const cell = first.agent('kilo-1', RIG);
  mkdirSync(join(state, 'rigs', RIG), { recursive: true });
  expect(cell.user?.uid).toBeGreaterThan(60_000);
  expect((await run(cell, 'id -u; id -G; umask; grep -E "NoNewPrivs|CapEff" /proc/self/status')).stdout.split('\n')).toEqual([
    String(cell.user!.uid),
    `${cell.user!.gid} ${first.readersOf(RIG)}`,
    '0022',
    expect.stringMatching(/CapEff:\s+0+$/),
    expect.stringMatching(/NoNewPrivs:\s+1$/),
  ]);
  const other = first.agent('kilo-2', RIG);
  expect(other.user?.uid).not.toBe(cell.user?.uid);
  expect((await cells(state)).cells.agent('kilo-1', RIG)).toEqual(cell);
});

test.runIf(isRoot)('a test of a merge gets a free user; two at once get two; given back it is used again', async () => {
  const { cells: all } = await cells();
  const first = all.borrowGate(RIG);
  const second = all.borrowGate(RIG);
  expect(second.cell.user?.uid).not.toBe(first.cell.user?.uid);
  expect(first.cell.user?.groups).toEqual([all.readersOf(RIG)]);
  first.giveBack();
  expect(all.borrowGate(RIG).cell).toEqual(first.cell);
});

test.runIf(isRoot)('what is in a cell reads and writes its own folders, and not those of the runner or of another cell', async () => {
  const { state, cells: all } = await cells();
  await makePassage(join(state, 'agents'));
  const [mine, other] = [all.agent('one', RIG), all.agent('two', RIG)];
  for (const cell of [mine, other]) await makeCellFolder(cell, join(state, 'agents', cell.name));
  await writeInCell(mine, join(state, 'agents', 'one', 'note'), 'mine');
  writeFileSync(join(state, 'secret'), 'x', { mode: 0o600 });
  const look = (cell: Cell, script: string) => run(cell, script).then(({ exitCode }) => exitCode === 0);
  expect(await look(mine, `cat ${state}/agents/one/note && touch ${state}/agents/one/new`)).toBe(true);
  for (const script of [
    `ls ${state}`,
    `ls ${state}/agents`,
    `cat ${state}/secret`,
    `cat ${state}/cells.json`,
    `ls ${state}/agents/two`,
    `touch ${state}/x`,
    `cat /proc/${process.pid}/environ`,
  ])
    expect([script, await look(mine, script)]).toEqual([script, false]);
});

test.runIf(isRoot)('folders that a cell closed to itself are open again when they are made ready for it', async () => {
  const { state, cells: all } = await cells();
  await makePassage(join(state, 'agents'));
  const cell = all.agent('one', null);
  const folder = join(state, 'agents', 'one');
  await makeCellFolder(cell, folder);
  const home = join(folder, 'home');
  await makeFoldersInCell(cell, [home]);
  chmodSync(home, 0);
  chmodSync(folder, 0);
  await makeCellFolder(cell, folder);
  await makeFoldersInCell(cell, [home]);
  await writeInCell(cell, join(home, '.gitconfig'), 'x');
  expect(readFileSync(join(home, '.gitconfig'), 'utf8')).toBe('x');
});

test.runIf(isRoot)('a link that an agent lays in its folder is followed with its own rights only', async () => {
  const { state, cells: all } = await cells();
  await makePassage(join(state, 'agents'));
  const cell = all.agent('one', null);
  const folder = join(state, 'agents', 'one');
  await makeCellFolder(cell, folder);
  const victim = join(state, 'victim');
  mkdirSync(victim, { mode: 0o700 });
  writeFileSync(join(victim, 'file'), 'runner', { mode: 0o600 });
  symlinkSync(victim, join(folder, 'config'));
  await expect(makeFoldersInCell(cell, [join(folder, 'config', 'deeper')])).rejects.toThrow('ermission denied');
  await expect(writeInCell(cell, join(folder, 'config', 'file'), 'agent')).rejects.toThrow('ermission denied');
  await removeOwned(folder);
  expect(readFileSync(join(victim, 'file'), 'utf8')).toBe('runner');
  expect(existsSync(folder)).toBe(false);
});

test.runIf(isRoot)(
  'a folder that another cell had is made anew: nothing that it left there, or linked to, is given away (I1)',
  async () => {
    const { state, cells: all } = await cells();
    await makePassage(join(state, 'agents'));
    const [before, next] = [all.agent('one', null), all.agent('two', null)];
    const folder = join(state, 'agents', 'terminal');
    await makeCellFolder(before, folder);
    await writeInCell(before, join(folder, 'history'), 'said');
    // As a cell could link it where the system lets anybody link any file.
    const victim = join(state, 'secret');
    writeFileSync(victim, 'runner', { mode: 0o600 });
    linkSync(victim, join(folder, 'linked'));
    await makeCellFolder(before, folder);
    expect(readdirSync(folder)).toEqual(['history', 'linked']);
    await makeCellFolder(next, folder);
    expect(readdirSync(folder)).toEqual([]);
    expect(statSync(folder)).toMatchObject({ uid: next.user!.uid, gid: next.user!.gid });
    expect(statSync(victim)).toMatchObject({ uid: 0, gid: 0 });
    expect(readFileSync(victim, 'utf8')).toBe('runner');
  },
);

test.runIf(isRoot)('what was there while agents had no users of their own becomes the cell’s', async () => {
  const { state, cells: all } = await cells();
  await makePassage(join(state, 'agents'));
  const folder = join(state, 'agents', 'one');
  mkdirSync(join(folder, 'data'), { recursive: true });
  writeFileSync(join(folder, 'data', 'memory'), 'kept', { mode: 0o600 });
  const cell = all.agent('one', null);
  await makeCellFolder(cell, folder);
  expect((await run(cell, `cat ${folder}/data/memory`)).stdout).toBe('kept');
});

test('a folder with read-only folders in it is removed (caches of modules)', async () => {
  const { cells: all } = isRoot ? await cells() : { cells: null };
  const folder = join(tempFolder(), 'tree');
  const cell = all?.agent('one', null) ?? { name: 'runner', user: null };
  await makeCellFolder(cell, folder);
  chmodSync(join(folder, '..'), 0o711);
  expect((await run(cell, `cd ${folder} && mkdir -p a/b && touch a/b/c .hidden && chmod 555 a/b a`)).exitCode).toBe(0);
  await removeOwned(folder);
  expect(existsSync(folder)).toBe(false);
});

test.runIf(isRoot)('everything of a cell is ended by its user, also what left its group and threw its environment away', async () => {
  const { state, cells: all } = await cells();
  const [mine, other] = [all.agent('one', null), all.agent('two', null)];
  const begin = (cell: Cell) => {
    const { program, args } = inCell(cell, '/usr/bin/env', ['-i', '/usr/bin/setsid', '/bin/sleep', '300']);
    return spawn(program, args, { cwd: '/', env: { PATH: process.env['PATH'] }, stdio: 'ignore' });
  };
  const stray = begin(mine);
  const bystander = begin(other);
  const runs = (cell: Cell) => until('it runs', async () => (await run(cell, 'ps -o args= -u $(id -u)')).stdout.includes('sleep 300'));
  await Promise.all([runs(mine), runs(other)]);
  const over = new Promise((resolve) => stray.once('exit', (_, signal) => resolve(signal)));
  expect(await all.end(join(state, 'agents', 'one'), mine)).toMatchObject({ quiet: true });
  expect(await over).toBe('SIGKILL');
  expect(bystander.exitCode ?? bystander.signalCode).toBe(null);
  expect(await all.end(state)).toEqual({ pids: [bystander.pid], quiet: true });
});

test.runIf(isRoot)('a chain of processes, each of which starts the next and exits, is ended with its cell (I5)', async () => {
  const { state, cells: all } = await cells();
  await makePassage(join(state, 'agents'));
  const cell = all.agent('one', null);
  const folder = join(state, 'agents', 'one');
  await makeCellFolder(cell, folder);
  await writeInCell(cell, join(folder, 'chain'), `echo >> ${folder}/steps; sh ${folder}/chain & exit`);
  onTestFinished(() => until('they are ended', () => endUser(cell.user!.uid)).then(() => undefined));
  await Promise.all(Array.from({ length: 4 }, () => run(cell, `setsid sh ${folder}/chain >/dev/null 2>&1 &`)));
  const steps = () => (existsSync(join(folder, 'steps')) ? statSync(join(folder, 'steps')).size : 0);
  await until('they run', () => steps() > 50);
  expect(await all.end(folder, cell)).toMatchObject({ quiet: true });
  const then = steps();
  const alive = async () =>
    (await run(all.agent('two', null), `ps -o stat= -u ${cell.user!.uid}`)).stdout.split('\n').filter((one) => /^[^Z]/.test(one));
  for (let look = 0; look < 5; look++) expect(await alive()).toEqual([]);
  expect(steps()).toBe(then);
});

test.runIf(isRoot)(
  'a state folder that others cannot reach is opened for passing; the home of a person is not, and it is said',
  async () => {
    const parent = tempFolder();
    const state = join(parent, 'deep', 'state');
    mkdirSync(state, { recursive: true, mode: 0o700 });
    await cells(state);
    expect([parent, join(parent, 'deep'), state].map((folder) => statSync(folder).mode & 0o777)).toEqual([0o701, 0o701, 0o701]);
    const home = tempFolder();
    mkdirSync(join(home, 'state'));
    const [auto, users] = [await open(join(home, 'state'), { home }), await open(join(home, 'state'), { home, isolation: 'users' })];
    expect(auto).toMatchObject({ ok: true, value: { cells: { isolation: 'none' }, why: expect.stringContaining(home) } });
    expect(users).toMatchObject({ ok: false, failure: { code: 'setup_failed' } });
  },
);

test.runIf(isRoot)('a cell looks for programs where it may look (QG-1)', async () => {
  const [closed, free] = [tempFolder(), tempFolder()];
  chmodSync(closed, 0o700);
  chmodSync(free, 0o755);
  expect(await open(tempFolder(), { isolation: 'users', path: `${closed}:/usr/bin:${free}:/nowhere` })).toMatchObject({
    ok: true,
    value: { path: `/usr/bin:${free}` },
  });
});

test.runIf(isRoot)('programs that a cell cannot reach are found out before anything starts', async () => {
  const hidden = join(tempFolder(), 'agent');
  writeFileSync(hidden, '#!/bin/sh\n', { mode: 0o700 });
  const why = { ok: true, value: { why: expect.stringContaining(hidden) } };
  expect(await open(tempFolder(), { programs: [hidden] })).toMatchObject(why);
  expect(await open(tempFolder(), { scripts: [hidden] })).toMatchObject(why);
});

test('a command in a cell has a limit, and is over with its own end, whatever it leaves behind (DR-5)', async () => {
  await expect(runInCell(OWN, 'exec sleep 300', [], undefined, 200)).rejects.toThrow(/timed out/);
  const note = join(tempFolder(), 'pid');
  await runInCell(OWN, 'sleep 300 & echo $! > "$1"', [note]);
  // It lives still: only this test ends it.
  process.kill(Number(readFileSync(note, 'utf8')), 'SIGKILL');
});
