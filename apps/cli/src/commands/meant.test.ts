import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LAUNCHER_MARK } from '../machine/marks.ts';
import { openStateFolder } from '../state/folder.ts';
import { ROOT } from '../project.ts';
import { openScreen } from '../terminal/screen.ts';
import { freePort } from '../testing/free-port.ts';
import { readyBeads } from './beads.ts';
import { doctor } from './doctor.ts';
import { link } from './link.ts';
import { listTowns } from './lists.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';

/** More than one runs in one home: `up` and `demo` on their own folders, and another on a folder that somebody chose. */
let home: string;
let said: string;
let beside: string;
const homeBefore = process.env['HOME'];
const children: ChildProcess[] = [];
const servers: Server[] = [];
const screen = openScreen({ write: (text) => (said += text) }, { write: (text) => (beside += stripVTControlCharacters(text)) });

beforeEach(() => {
  home = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'gastown-meant-')));
  process.env['HOME'] = home;
  [said, beside] = ['', ''];
});
afterEach(() => {
  vi.unstubAllEnvs();
  process.env['HOME'] = homeBefore;
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) server.close();
  rmSync(home, { recursive: true, force: true });
});

const HOLDS = fileURLToPath(new URL('../testing/hold-state.ts', import.meta.url));
interface Runs {
  readonly state: string;
  readonly url: string;
  readonly port: number;
  readonly asked: string[];
}
/** A launcher with nothing started, and a Worker that knows these towns. */
async function runs(name: string, { demo = false, towns = [] as string[], homeOf = home } = {}): Promise<Runs> {
  const state = path.join(home, name);
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const known = towns.map((town, at) => ({
      id: `${name.replace(/\W/g, '')}${'0'.repeat(12)}`.slice(0, 11) + String(at),
      name: town,
      createdAt: 1,
    }));
    const values: Record<string, unknown> = {
      '/host/towns': known,
      '/host/sign-in-link': { url: `http://${name.replace(/\W/g, '')}.test/link` },
    };
    const value = (request.url ?? '').includes('/ready') ? { beads: [], total: 0, nothing: null } : (values[request.url ?? ''] ?? {});
    response.end(JSON.stringify({ ok: true, value }));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const folder = openStateFolder(state, '0.1.0');
  if (!folder.ok) throw new Error(folder.failure.message);
  if (demo) mkdirSync(folder.value.demo, { recursive: true });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const launcher = spawn(process.execPath, [HOLDS, JSON.stringify({ state, demo, port, url })], { env: { HOME: homeOf } });
  children.push(launcher);
  await once(launcher.stdout, 'data');
  return { state, url, port, asked };
}
const both = async () => ({
  own: await runs('.gastown', { towns: ['Acme', 'Twice'] }),
  demo: await runs('.gastown-demo', { demo: true, towns: ['Demo', 'Twice'] }),
});
const ready = (town: string, state?: string) => readyBeads({ town, limit: 5, sort: 'priority', ...(state && { state }) }, screen);

describe('where more than one runs', () => {
  it('status tells all of them, and one that somebody put into a folder of their own; another home’s is not theirs', async () => {
    const { own, demo } = await both();
    const other = await runs('elsewhere');
    await runs('of-another', { homeOf: path.join(home, 'another') });
    expect(await status({}, screen)).toBe(0);
    for (const { url, state } of [own, demo, other]) expect(said).toMatch(new RegExp(`serving ${url}[^]*State ${state}\n`));
    expect(said).not.toContain('of-another');
    said = '';
    await status({ json: true }, screen);
    expect(JSON.parse(said)).toMatchObject({
      state: own.state,
      demo: false,
      others: [{ state: demo.state, demo: true }, { state: other.state }],
    });
    said = '';
    await status({ json: true, state: demo.state }, screen);
    expect(JSON.parse(said)).toMatchObject({ state: demo.state, others: [] });
  });

  it('link and stop ask which one is meant, naming each and what to type', async () => {
    const { own, demo } = await both();
    for (const [command, refused] of [
      ['link', await link({}, screen)],
      ['stop', await stop({}, screen)],
    ] as const)
      expect(refused).toMatchObject({
        failure: {
          code: 'several_running',
          message: `2 run here: the town server in ${own.state} (${own.url}), the demo in ${demo.state} (${demo.url}). Say which one you mean.`,
          next: `./gastown ${command} --state ${own.state}, or ./gastown ${command} --state ${demo.state}`,
        },
      });
    expect(await link({ state: demo.state }, screen)).toMatchObject({ ok: true });
    expect(said).toBe('http://gastowndemo.test/link\n');
  });

  it('a command about a town finds it wherever it runs, and says beside the result where', async () => {
    const { own, demo } = await both();
    expect(await ready('demo')).toMatchObject({ ok: true });
    expect(said).toBe('Nothing is ready.\n');
    expect(beside).toBe(`In the demo in ${demo.state} (${demo.url})\n`);
    expect(own.asked.some((url) => url.includes('/ready'))).toBe(false);
    expect(await ready('Twice')).toMatchObject({
      failure: { code: 'several_running', message: expect.stringContaining('Each of them has a town "Twice".') as string },
    });
    expect(await ready('Twice', own.state)).toMatchObject({ ok: true });
    expect(await ready('Nowhere')).toMatchObject({
      failure: {
        code: 'unknown_town',
        message: expect.stringMatching(/the town server in .* has Acme \(.*; the demo in .* has Demo/) as string,
      },
    });
  });

  it('towns lists those of each under its name, for a script with their folder', async () => {
    const { own, demo } = await both();
    await listTowns({}, screen);
    expect(said).toMatch(
      new RegExp(`The town server in ${own.state} .*:\n.* {2}Acme\n.* {2}Twice\nThe demo in ${demo.state} .*:\n.* {2}Demo\n`),
    );
    said = '';
    await listTowns({ json: true }, screen);
    expect((JSON.parse(said) as { towns: { name: string; state: string }[] }).towns.map(({ name, state }) => [name, state])).toEqual([
      ['Acme', own.state],
      ['Twice', own.state],
      ['Demo', demo.state],
      ['Twice', demo.state],
    ]);
  });
});

const NOBODY = { uid: 65_534, gid: 65_534 };
/** A process that carries the mark of this folder, of this user or another. */
async function leftOn(state: string, user: { uid: number; gid: number } | Record<string, never> = {}): Promise<void> {
  const env = { HOME: home, [LAUNCHER_MARK]: state };
  const left = spawn('/bin/sh', ['-c', 'echo ready; exec sleep 1000'], { env, cwd: '/', ...user });
  children.push(left);
  await once(left.stdout, 'data');
}

describe('where one runs and something is wrong beside it', () => {
  it('stop ends nothing before it is told whether the one is meant or what a killed launcher of another left behind', async () => {
    const killed = openStateFolder(path.join(home, '.gastown'), '0.1.0');
    if (!killed.ok) throw new Error(killed.failure.message);
    await leftOn(killed.value.root);
    const other = await runs('elsewhere');
    expect(await stop({}, screen)).toMatchObject({
      failure: {
        code: 'several_running',
        next: `./gastown stop --state ${other.state}, or ./gastown stop --state ${killed.value.root}`,
      },
    });
    expect(children.every(({ exitCode, signalCode }) => exitCode === null && signalCode === null)).toBe(true);
    expect(await link({ state: killed.value.root }, screen)).toMatchObject({
      failure: { next: expect.stringContaining(`./gastown stop --state ${killed.value.root} only ends them`) as string },
    });
    expect(await stop({ state: killed.value.root }, screen)).toMatchObject({ ok: true });
    expect(await stop({}, screen)).toMatchObject({ ok: true });
  });

  it.runIf(process.getuid?.() === 0)('a process of another user that carries a mark keeps nobody from a stop (I15)', async () => {
    const kept = openStateFolder(path.join(home, '.gastown'), '0.1.0');
    if (!kept.ok) throw new Error(kept.failure.message);
    await leftOn(kept.value.root, NOBODY);
    await runs('elsewhere');
    expect(await stop({}, screen)).toMatchObject({ ok: true });
  });

  it('towns lists those of who answers, and warns of who does not', async () => {
    const { demo } = await both();
    servers[0]?.close();
    servers[0]?.closeAllConnections();
    expect(await listTowns({}, screen)).toMatchObject({ ok: true });
    expect(said).toMatch(new RegExp(`^The demo in ${demo.state} .*:\n`));
    expect(beside).toMatch(/^! the town server in .*\.gastown /);
    servers[1]?.close();
    servers[1]?.closeAllConnections();
    expect(await listTowns({}, screen)).toMatchObject({ ok: false });
  });

  it(
    'towns waits for one that hangs no longer than a person does, and a name draws nothing on the terminal',
    { timeout: 15_000 },
    async () => {
      const { own } = await both();
      await runs('odd', { towns: ['Odd\u001b[2J\u0007'] });
      servers[0]?.removeAllListeners('request').on('request', () => undefined);
      expect(await listTowns({}, screen)).toMatchObject({ ok: true });
      expect(beside).toContain(`the town server in ${own.state}`);
      expect(said).toMatch(/ {2}Demo\n[^]* {2}Odd \[2J \n$/);
    },
  );

  it.runIf(process.getuid?.() === 0)('what another user planted runs for nobody else (I15)', async () => {
    await runs('.gastown');
    const chosen = await runs('chosen');
    const shown = async () => {
      said = '';
      await status({ json: true }, screen);
      return (JSON.parse(said) as { others: { state: string }[] }).others.map(({ state }) => state);
    };
    expect(await shown()).toEqual([chosen.state]);
    // A folder with a lock that names a launcher of this home, and processes that carry its mark: no entry, no town server.
    const planted = path.join(home, 'planted');
    mkdirSync(planted, { mode: 0o700 });
    copyFileSync(path.join(chosen.state, 'lock.json'), path.join(planted, 'lock.json'));
    await leftOn(planted, NOBODY);
    await leftOn(planted);
    expect(await shown()).toEqual([chosen.state]);
    // The folder of a live launcher, or the register, in the hands of another user.
    for (const folder of [chosen.state, path.join(home, '.gastown/launchers')]) {
      chownSync(folder, NOBODY.uid, NOBODY.gid);
      expect(await shown()).toEqual([]);
      chownSync(folder, 0, 0);
      chmodSync(folder, 0o770);
      expect(await shown()).toEqual([]);
      chmodSync(folder, 0o700);
      expect(await shown()).toEqual([chosen.state]);
    }
  });
});

describe('doctor', () => {
  const findings = async (options: { state?: string; port?: number }) => {
    said = '';
    const code = await doctor({ port: await freePort(), json: true, ...options }, screen);
    const all = (JSON.parse(said) as { findings: { state: string | null; what: string; grade: string; text: string }[] }).findings;
    return { code, of: (state: string, what: string) => all.find((one) => one.state === state && one.what === what) };
  };

  it('of a demo says the port that it has and that its model is scripted, with and without its folder', async () => {
    const demo = await runs('.gastown-demo', { demo: true });
    for (const options of [{}, { state: demo.state }]) {
      const { code, of } = await findings(options);
      expect(of(demo.state, 'port')).toMatchObject({ grade: 'good', text: `${demo.port}, held by what runs here` });
      expect(of(demo.state, 'model')).toMatchObject({ grade: 'good', text: expect.stringContaining('scripted') as string });
      expect(code).toBe(0);
    }
  });

  it('finds what is damaged in a folder, all of it at once, and names each', async () => {
    const opened = openStateFolder(path.join(home, '.gastown'), '0.1.0');
    if (!opened.ok) throw new Error(opened.failure.message);
    const { root, keys, workers } = opened.value;
    const database = path.join(workers, 'town.sqlite');
    writeFileSync(keys, '');
    writeFileSync(database, 'garbage'.repeat(1_000));
    writeFileSync(path.join(root, 'version.json'), '{"version":1e999}');
    const { code, of } = await findings({ state: root });
    expect(code).toBe(1);
    for (const [what, starts, file] of [
      ['state', 'state_damaged', path.join(root, 'version.json')],
      ['keys', 'keys_lost', keys],
      ['databases', 'state_damaged', database],
    ] as const) {
      expect(of(root, what)).toMatchObject({ grade: 'bad', text: expect.stringContaining(file) as string });
      expect(of(root, what)?.text).toMatch(new RegExp(`^${starts}: .* → `));
    }
    rmSync(keys);
    expect((await findings({ state: root })).of(root, 'keys')?.text).toMatch(/is gone, but towns are kept beside it/);
    expect((await findings({ state: home })).of(home, 'state')).toMatchObject({
      grade: 'bad',
      text: expect.stringContaining('no state folder') as string,
    });
  });

  it('of keys that are gone from what runs says what puts them back', async () => {
    const own = await runs('.gastown');
    rmSync(path.join(own.state, 'keys.json'));
    expect((await findings({})).of(own.state, 'keys')?.text).toMatch(/→ \.\/gastown stop puts it back/);
  });

  it('a start on the port of one that runs says which it is, as the doctor does, and leaves nothing that would have run', async () => {
    const demo = await runs('.gastown-demo', { demo: true });
    const main = path.join(ROOT, 'apps/cli/src/main.ts');
    const { status: code, stderr } = spawnSync(process.execPath, [main, 'up', '--port', String(demo.port)], {
      env: { HOME: home, PATH: process.env['PATH'] },
      encoding: 'utf8',
    });
    expect([code, stripVTControlCharacters(stderr)]).toEqual([
      1,
      `port_taken: The demo in ${demo.state} (${demo.url}) has port ${demo.port}.\n→ Start on another port: ./gastown up --port N; or stop that one: ./gastown stop --state ${demo.state}\n`,
    ]);
    expect(await status({ state: path.join(home, '.gastown') }, screen)).toMatchObject({
      failure: { message: expect.stringContaining('No town server ever ran in') },
    });
  });

  it('looks at all that runs and at what rests beside it; a port that the one has is told of the other, and is wrong when that one is asked about', async () => {
    const demo = await runs('.gastown-demo', { demo: true });
    const rests = path.join(home, '.gastown');
    openStateFolder(rests, '0.1.0');
    const beside = await findings({ port: demo.port });
    expect(beside.of(demo.state, 'lock')).toMatchObject({ text: expect.stringContaining(demo.url) as string });
    expect(beside.of(rests, 'port')).toMatchObject({
      grade: 'note',
      text: `port_taken: The demo in ${demo.state} (${demo.url}) has port ${demo.port}. → Start on another port: ./gastown up --port N; or stop that one: ./gastown stop --state ${demo.state}`,
    });
    expect(beside.code).toBe(0);
    const stranger = createServer().listen(0, '127.0.0.1');
    servers.push(stranger);
    await once(stranger, 'listening');
    const { port } = stranger.address() as AddressInfo;
    const foreign = await findings({ port });
    expect([foreign.code, foreign.of(rests, 'port')?.grade]).toEqual([0, 'note']);
    expect(await findings({ port, state: rests })).toMatchObject({ code: 1 });
    vi.stubEnv('GASTOWN_MODEL_URL', 'no address');
    const noModel = await findings({});
    expect([noModel.code, noModel.of(rests, 'model')?.grade]).toEqual([0, 'note']);
    expect((await findings({ state: rests })).of(rests, 'model')?.grade).toBe('bad');
    vi.unstubAllEnvs();
    const asked = await findings({ port: demo.port, state: rests });
    expect([asked.code, asked.of(rests, 'port')?.grade, asked.of(demo.state, 'port')]).toEqual([1, 'bad', undefined]);
    said = '';
    await doctor({ port: await freePort() }, screen);
    expect(stripVTControlCharacters(said)).toContain(`The demo in ${demo.state}\n`);
    expect(stripVTControlCharacters(said)).toContain(`The town server in ${rests}, which does not run\n`);
  });
});
