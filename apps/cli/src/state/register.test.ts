import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathsOf } from './folder.ts';
import type { StateFolder } from './folder.ts';
import { enterRegister, leaveRegister, registered } from './register.ts';

let home: string;
const homeBefore = process.env['HOME'];
beforeEach(() => {
  home = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'gastown-register-')));
  process.env['HOME'] = home;
});
afterEach(() => {
  process.env['HOME'] = homeBefore;
  rmSync(home, { recursive: true, force: true });
});
const register = (): string => path.join(home, '.gastown/launchers');
function chosen(name: string): StateFolder {
  mkdirSync(path.join(home, name), { mode: 0o700 });
  return pathsOf(path.join(home, name));
}

describe('the register of launchers on folders that somebody chose', () => {
  it('holds each from its entry to its end, closed to others; one on a default folder needs none', () => {
    expect(registered()).toEqual([]);
    enterRegister(pathsOf(path.join(home, '.gastown-demo')));
    expect(existsSync(register())).toBe(false);
    const [one, other] = [chosen('b'), chosen('a')];
    enterRegister(one);
    enterRegister(other);
    expect(registered().map(({ state, launcher }) => [state, launcher.pid])).toEqual([
      [other.root, process.pid],
      [one.root, process.pid],
    ]);
    expect(statSync(register()).mode & 0o777).toBe(0o700);
    leaveRegister(one);
    expect(registered().map(({ state }) => state)).toEqual([other.root]);
    leaveRegister(other);
    leaveRegister(other);
    expect(readdirSync(register())).toEqual([]);
  });

  it('a killed launcher counts no more, and the next one removes its entry and nothing else', async () => {
    const killed = path.join(home, 'killed');
    const holds = fileURLToPath(new URL('../testing/hold-state.ts', import.meta.url));
    const launcher = spawn(process.execPath, [holds, JSON.stringify({ state: killed, demo: false, port: 1, url: null })], {
      env: { HOME: home },
    });
    await once(launcher.stdout, 'data');
    expect(registered()).toMatchObject([{ state: killed, launcher: { pid: launcher.pid } }]);
    launcher.kill('SIGKILL');
    await once(launcher, 'exit');
    expect(registered()).toEqual([]);
    expect(readdirSync(register())).toHaveLength(1);
    writeFileSync(path.join(register(), 'a note'), 'of a person');
    enterRegister(chosen('next'));
    expect(readdirSync(register()).toSorted()).toEqual([expect.stringMatching(`^${process.pid}-`) as string, 'a note']);
  });

  it('an end takes no harm from a home that is no folder any more', () => {
    const folder = chosen('one');
    enterRegister(folder);
    rmSync(path.join(home, '.gastown'), { recursive: true });
    writeFileSync(path.join(home, '.gastown'), 'a file');
    expect(registered()).toEqual([]);
    leaveRegister(folder);
    expect(() => enterRegister(folder)).toThrow(/EEXIST|ENOTDIR/);
  });
});
