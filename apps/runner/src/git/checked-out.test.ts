import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createBareRepo } from '@gastown/rehearsal';
import { tempFolder } from '../testing/fixtures.ts';
import { worktreeRig } from '../testing/worktree-rig.ts';
import { checkedOut } from './checked-out.ts';
import { pushFailure } from './failures.ts';

async function setUp() {
  const { git } = await worktreeRig();
  const folder = tempFolder();
  const inFolder = (...args: string[]): string => execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' });
  inFolder('init', '-q', '-b', 'main');
  writeFileSync(join(folder, 'a.txt'), 'a\n');
  inFolder('add', '-A');
  inFolder('-c', 'user.name=Ada', '-c', 'user.email=ada@example.invalid', 'commit', '-qm', 'first');
  return { git, folder, inFolder, look: (url: string) => checkedOut(git, url, 'main') };
}

test('a folder that is worked in takes no landing on its branch, which is told with the way out when it is connected (GT-9)', async () => {
  const { folder, inFolder, look } = await setUp();
  for (const url of [folder, `file://${folder}`]) {
    const told = await look(url);
    expect(told).toMatchObject({ code: 'repository_checked_out', message: expect.stringContaining(folder) });
    expect(told?.next).toContain(`git -C '${folder}' config receive.denyCurrentBranch updateInstead`);
  }
  inFolder('config', 'receive.denyCurrentBranch', 'updateInstead');
  expect(await look(folder)).toBeNull();
});

test('another branch there, a bare repository and an address elsewhere are no matter', async () => {
  const { folder, inFolder, look } = await setUp();
  inFolder('checkout', '-q', '-b', 'mine');
  expect(await look(folder)).toBeNull();
  expect(await look(await createBareRepo(join(tempFolder(), 'x.git')))).toBeNull();
  expect(await look('https://example.invalid/x.git')).toBeNull();
  expect(await look('/nowhere/at/all')).toBeNull();
});

test('a branch that is checked out after the connection is told by what git says to the push', async () => {
  const { git, folder, inFolder } = await setUp();
  inFolder('checkout', '-q', '-b', 'other');
  const clone = tempFolder();
  execFileSync('git', ['clone', '-q', '-b', 'main', folder, clone]);
  inFolder('checkout', '-q', 'main');
  execFileSync('git', ['-C', clone, '-c', 'user.name=A', '-c', 'user.email=a@example.invalid', 'commit', '-q', '--allow-empty', '-m', 'x']);
  const pushed = await git({ cwd: clone }, 'push', 'origin', 'main');
  expect(pushFailure(pushed, 'Could not land').code).toBe('repository_checked_out');
});
