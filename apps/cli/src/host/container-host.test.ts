import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processesOfTown } from '../machine/marks.ts';
import { processFacts, variablesOf } from '../machine/processes.ts';
import { openLog } from '../state/log-file.ts';
import { until } from '../testing/until.ts';
import { startContainerHost } from './container-host.ts';
import type { ContainerHost } from './container-host.ts';
import type { Exit } from './town-process.ts';

const TOWN = 'k3v9q0t2m4xa';
const KEY = 'host-key-of-this-test-0123456789abcdef';
const ENV = { GASTOWN_URL: 'http://127.0.0.1:1', GASTOWN_TOWN: TOWN, GASTOWN_RUNNER_TOKEN: 'gtr.t.mac' };
const POLITE = `process.on('SIGTERM', () => { console.log('bye'); process.exit(0); }); setInterval(() => {}, 1000); console.log('up');`;
const DEAF = `process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000); console.log('up');`;

interface Answer {
  readonly state?: string;
  readonly pid?: number | null;
  readonly failure?: { readonly code: string };
}

let folder: string;
let host: ContainerHost;
let reports: { town: string; exit: Exit }[];
let refusals: number;
let breaks: number;
let program: string;

const open = async (source: string, graceMs?: number): Promise<void> => {
  host = await startContainerHost({
    hostKey: KEY,
    command: [program, '-e', source],
    env: { PATH: process.env['PATH']!, HOME: folder, LANG: 'C.UTF-8' },
    townFolder: (town) => path.join(folder, 'towns', town),
    openLog: (town) => openLog(path.join(folder, `runner-${town}.log`)),
    sendExit: async (town, exit) => {
      if (breaks-- > 0) throw new Error('the answer broke off');
      if (refusals-- > 0) return false;
      reports.push({ town, exit });
      return true;
    },
    onChange: () => undefined,
    graceMs,
  });
};
const ask = async (method: string, body?: unknown, over: { town?: string; key?: string } = {}) => {
  const response = await fetch(`${host.url}/containers/${over.town ?? TOWN}`, {
    method,
    headers: { 'x-host-key': over.key ?? KEY },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer };
};
const start = async (): Promise<number> => (await ask('PUT', { env: ENV })).body.pid!;
const log = (): string => readFileSync(path.join(folder, `runner-${TOWN}.log`), 'utf8');
const ready = () => until('the runner', () => log().includes('up'));

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gastown-host-'));
  reports = [];
  refusals = 0;
  breaks = 0;
  program = process.execPath;
});
afterEach(async () => {
  host.kill();
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the container host', () => {
  it('starts a runner once, with exactly the environment of the contract (CT-4, CT-15: no key in any agent)', async () => {
    await open(POLITE);
    process.env['ANTHROPIC_API_KEY'] = 'must-not-travel';
    const pid = await start();
    delete process.env['ANTHROPIC_API_KEY'];
    await ready();
    expect(await ask('PUT', { env: ENV })).toEqual({ status: 200, body: { state: 'running', pid } });
    expect(await ask('GET')).toEqual({ status: 200, body: { state: 'running', pid } });
    const names = variablesOf(pid).map((variable) => variable.split('=')[0]);
    expect(names.toSorted()).toEqual([
      'GASTOWN_DRAIN_MS',
      'GASTOWN_RUNNER_TOKEN',
      'GASTOWN_STATE',
      'GASTOWN_TOWN',
      'GASTOWN_URL',
      'HOME',
      'LANG',
      'PATH',
    ]);
    expect(variablesOf(pid)).toContain(`GASTOWN_STATE=${path.join(folder, 'towns', TOWN)}`);
  });

  it('two requests at once start one runner', async () => {
    await open(POLITE);
    const answers = await Promise.all([start(), start(), start()]);
    expect(new Set(answers).size).toBe(1);
  });

  it('a runner that cannot be started is refused, is said in its log, and ends nobody; the next start is tried', async () => {
    program = path.join(folder, 'no-such-program');
    await open(POLITE);
    expect(await ask('PUT', { env: ENV })).toMatchObject({ status: 503, body: { failure: { code: 'container_failed' } } });
    await until('the log', () => log().includes('ENOENT'));
    symlinkSync(process.execPath, program);
    expect(await start()).toBeGreaterThan(0);
  });

  it('a report that breaks off on its way is sent again', async () => {
    await open('process.exit(7)');
    breaks = 1;
    await start();
    await until('the report', () => reports.length > 0);
    expect(reports).toHaveLength(1);
  });

  it('notices an exit and reports it until it is accepted', async () => {
    await open('process.exit(7)');
    refusals = 2;
    await start();
    await until('the report', () => reports.length > 0);
    expect(reports).toEqual([{ town: TOWN, exit: { code: 7, signal: null } }]);
    expect(await ask('GET')).toEqual({ status: 200, body: { state: 'stopped', pid: null } });
  });

  it('a new start takes back the report of the old end, so that it cannot be taken for the new one’s', async () => {
    await open(POLITE);
    refusals = Infinity;
    const first = await start();
    process.kill(first, 'SIGKILL');
    await until('the end', async () => (await ask('GET')).body.state === 'stopped');
    const second = await start();
    refusals = 0;
    await ready();
    process.kill(second, 'SIGTERM');
    await until('the report', () => reports.length > 0);
    expect(reports).toEqual([{ town: TOWN, exit: { code: 0, signal: null } }]);
  });

  it('asks a runner to end, and starts it anew when asked while it ends', async () => {
    await open(POLITE);
    const pid = await start();
    await ready();
    await ask('DELETE');
    const next = await start();
    expect(next).not.toBe(pid);
    expect(processFacts(pid)).toBeNull();
    expect(log()).toContain('bye');
  });

  it('kills a runner that does not end in time, and everything it started, whatever group that is in', async () => {
    const child = `require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore', env: { HOME: process.env.GASTOWN_STATE + '/agents/p/home' } });`;
    await open(child + DEAF, 50);
    await start();
    await ready();
    const inside = path.join(folder, 'towns', TOWN);
    await until('the grandchild', () => processesOfTown(inside).length === 2);
    await ask('DELETE');
    await until('the report', () => reports.length > 0);
    expect(reports).toEqual([{ town: TOWN, exit: { code: null, signal: 'SIGKILL' } }]);
    expect(log()).toContain('no');
    await until('the grandchild’s end', () => processesOfTown(inside).length === 0);
  });

  it.each([
    ['no key', 'PUT', { env: ENV }, { key: '' }, 401, 'not_signed_in'],
    ['a wrong key', 'DELETE', undefined, { key: KEY.replace('h', 'x') }, 401, 'not_signed_in'],
    ['a town id that climbs out of its folder', 'PUT', { env: ENV }, { town: '..%2F..%2Fetc' }, 404, 'unknown_route'],
    ['a variable more', 'PUT', { env: { ...ENV, NODE_OPTIONS: '--require /tmp/x' } }, {}, 400, 'invalid_input'],
    ['another town’s environment', 'PUT', { env: { ...ENV, GASTOWN_TOWN: 'aaaaaaaaaaaa' } }, {}, 400, 'invalid_input'],
    ['no body', 'PUT', undefined, {}, 400, 'invalid_input'],
    ['another method', 'POST', {}, {}, 404, 'unknown_route'],
  ] as const)('refuses %s and starts nothing', async (_, method, body, over, status, code) => {
    await open(POLITE);
    expect(await ask(method, body, over)).toMatchObject({ status, body: { ok: false, failure: { code } } });
    expect(host.containers().size).toBe(0);
  });
});
