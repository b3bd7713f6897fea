import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LAUNCHER_MARK } from '../machine/marks.ts';
import { identityOf, processFacts } from '../machine/processes.ts';
import { openStateFolder } from '../state/folder.ts';
import { openScreen } from '../terminal/screen.ts';
import { freePort } from '../testing/free-port.ts';
import { until } from '../testing/until.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';

let home: string;
let said: string;
const homeBefore = process.env['HOME'];
const children: ChildProcess[] = [];
const screen = openScreen({ write: (text) => (said += text) }, { write: (text) => (said += text) });

beforeEach(() => {
  home = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'gastown-status-')));
  process.env['HOME'] = home;
  said = '';
});
afterEach(() => {
  process.env['HOME'] = homeBefore;
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

function stateIn(name: string, demo = false): string {
  const folder = path.join(home, name);
  mkdirSync(path.join(folder, demo ? 'demo' : 'workers/do'), { recursive: true });
  writeFileSync(path.join(folder, 'version.json'), '{"layout":1,"version":"1"}');
  return folder;
}
async function waiting(env: Record<string, string> = {}): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', "setInterval(() => {}, 1000); console.log('ready')"], { env });
  children.push(child);
  await once(child.stdout, 'data');
  return child as ChildProcess & { pid: number };
}
const lockOf = (state: string, pid: number, url: string | null): void =>
  writeFileSync(
    path.join(state, 'lock.json'),
    JSON.stringify({ ...identityOf(pid), version: '1', demo: true, startedAt: 1, port: 1, url, hostUrl: null, children: [] }),
  );

describe('status where nothing runs', () => {
  it('of a demo that was stopped says so, and exactly what starts it again', async () => {
    const state = stateIn('my demo', true);
    expect(await status({ state }, screen)).toMatchObject({
      ok: false,
      failure: {
        code: 'not_running',
        message: `The demo in ${state} is stopped; its state is kept.`,
        next: `Start it: ./gastown demo --state '${state}'`,
      },
    });
  });

  it('without a folder names those that there are', async () => {
    stateIn('.gastown-demo', true);
    expect(await status({}, screen)).toMatchObject({
      failure: { message: expect.stringContaining('The demo in'), next: 'Start it: ./gastown demo' },
    });
    stateIn('.gastown');
    expect(await status({}, screen)).toMatchObject({ failure: { next: 'Start it: ./gastown up, or ./gastown demo' } });
  });

  it('of a folder where nothing was ever started says that', async () => {
    const state = path.join(home, 'new');
    expect(await status({ state }, screen)).toMatchObject({
      failure: {
        message: `No town server ever ran in ${state}.`,
        next: `Start one: ./gastown up --state ${state}, or ./gastown demo --state ${state} for a demo`,
      },
    });
  });

  it('of a folder whose only start was refused says nothing of a state that is kept', async () => {
    const tried = path.join(home, '.gastown');
    const opened = openStateFolder(tried, '1');
    if (!opened.ok) throw new Error(opened.failure.message);
    expect(await status({ state: tried }, screen)).toMatchObject({ failure: { message: `No town server ever ran in ${tried}.` } });
    stateIn('.gastown-demo', true);
    expect(await status({}, screen)).toMatchObject({
      failure: { message: expect.not.stringContaining(`${tried} is stopped`), next: 'Start it: ./gastown demo' },
    });
  });

  it('tells of the processes of a killed launcher, and stop ends them', async () => {
    const state = stateIn('demo', true);
    const launcher = await waiting();
    lockOf(state, launcher.pid, 'http://127.0.0.1:1');
    const left = await waiting({ [LAUNCHER_MARK]: state });
    launcher.kill('SIGKILL');
    await until('its end', () => processFacts(launcher.pid) === null);
    expect(await status({ state }, screen)).toMatchObject({
      failure: {
        code: 'not_running',
        message: expect.stringContaining(`was killed; what it started is still there: node ${left.pid}.`),
        next: expect.stringContaining(`./gastown stop --state ${state}`),
      },
    });
    expect(await stop({ state }, screen)).toMatchObject({ ok: true });
    expect(processFacts(left.pid)).toBeNull();
    expect(await status({ state }, screen)).toMatchObject({
      failure: {
        message: `The demo in ${state} was killed, or its machine went down: process ${launcher.pid} ended without stopping it. Its state is kept.`,
        next: `Start it: ./gastown demo --state ${state}`,
      },
    });
  });
});

describe('status where a launcher lives', () => {
  it('of one that is busy asks more than once; one that stays slow is called that, and nobody is told to stop it first', async () => {
    const state = stateIn('demo', true);
    const launcher = await waiting();
    let busy = 1;
    const page = createServer((_, response) => void (busy-- > 0 || response.end('{}'))).listen(0, '127.0.0.1');
    await once(page, 'listening');
    lockOf(state, launcher.pid, `http://127.0.0.1:${(page.address() as AddressInfo).port}`);
    expect(await status({ state }, screen, { allMs: 60_000, tryMs: 200 })).toBe(0);
    expect(said).toContain('serving');
    busy = Infinity;
    said = '';
    expect(await status({ state, json: true }, screen, { allMs: 50, tryMs: 20 })).toBe(1);
    expect(JSON.parse(said)).toMatchObject({
      condition: 'slow',
      serving: false,
      next: expect.stringMatching(/^Ask again: .*Only if it stays so, stop it/),
    });
    said = '';
    expect(await status({ state }, screen, { allMs: 50, tryMs: 20 })).toBe(1);
    expect(said).toMatch(new RegExp(`slow to answer at .*; its process lives \\(${launcher.pid}\\), since `));
    page.closeAllConnections();
    page.close();
  });

  it('says that it serves only when the page answers, else what to do, and ends with 1', async () => {
    const state = stateIn('demo', true);
    const launcher = await waiting();
    lockOf(state, launcher.pid, `http://127.0.0.1:${await freePort()}`);
    expect(await status({ state }, screen, { allMs: 20, tryMs: 20 })).toBe(1);
    expect(said).toContain('not answering at');
    expect(said).toContain(
      `→ Ask again: ./gastown status --state ${state}. Only if it stays so, stop it and start it again: ./gastown stop --state ${state} && ./gastown demo --state ${state}`,
    );
    const page = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
    await once(page, 'listening');
    lockOf(state, launcher.pid, `http://127.0.0.1:${(page.address() as AddressInfo).port}`);
    said = '';
    expect(await status({ state, json: true }, screen)).toBe(0);
    expect(JSON.parse(said)).toMatchObject({ condition: 'serving', serving: true, next: null });
    launcher.kill('SIGSTOP');
    await until('its halt', () => processFacts(launcher.pid)?.state === 'T');
    said = '';
    expect(await status({ state }, screen)).toBe(1);
    expect(said).toContain(`→ Let it go on: fg in its terminal, or kill -CONT ${launcher.pid}`);
    page.close();
  });
});
