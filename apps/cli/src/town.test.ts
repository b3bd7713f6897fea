import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processesOfState } from './machine/marks.ts';
import { isAlive, processFacts } from './machine/processes.ts';
import { allRunning } from './commands/which-state.ts';
import { DEFAULT_PORT, keepPort, lastPort } from './state/last-port.ts';
import { runningLock } from './state/lock.ts';
import { openScreen } from './terminal/screen.ts';
import { freePort } from './testing/free-port.ts';
import { makeStandIn } from './testing/stand-in.ts';
import type { StandIn } from './testing/stand-in.ts';
import { until } from './testing/until.ts';
import { startTown } from './town.ts';
import type { RunningTown } from './town.ts';

const TOWN = 'k3v9q0t2m4xa';
const DEAF = `process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000); console.log('up');`;
const WAITS = `process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000); console.log('up');`;

interface Bindings {
  readonly SEAL_KEY: string;
  readonly HOST_KEY: string;
  readonly ALLOWED_HOSTS: string;
  readonly ENVIRONMENT: object;
  readonly migrations: string[];
}

interface Demo {
  readonly sample: { readonly gitUrl: string; readonly token: string };
  readonly defaultModel: { readonly baseUrl: string };
  readonly providerKeys: { readonly custom: string };
}

let standIn: StandIn;
let said: string;
const homeBefore = process.env['HOME'];
const closing: (() => Promise<unknown> | void)[] = [];
const screen = openScreen({ write: (text) => (said += text) }, { write: (text) => (said += text) });

beforeEach(() => {
  standIn = makeStandIn();
  process.env['HOME'] = standIn.folder;
  said = '';
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  for (const each of existsSync(standIn.state) ? processesOfState(standIn.state) : []) process.kill(each.pid, 'SIGKILL');
  process.env['HOME'] = homeBefore;
  standIn.remove();
});

const start = async (over: Partial<Parameters<typeof startTown>[0]> = {}): Promise<RunningTown> => {
  const { worker, state } = standIn;
  const started = await startTown({
    worker,
    state,
    port: await freePort(),
    demo: false,
    variables: {},
    screen,
    runner: standIn.runner(WAITS),
    ...over,
  });
  if (!started.ok) throw new Error(started.failure.message);
  closing.push(started.value.stop);
  return started.value;
};
/** What the stand-in answers with; the tests name what they expect of it. */
const ask = async <T>(town: { url: string }, what: string): Promise<T> =>
  ((await (await fetch(town.url + what)).json()) as { value: T }).value;
const bindingsOf = (town: { url: string }) => ask<Bindings>(town, '/bindings');
const notesOf = (town: { url: string }) => ask<{ pathname: string; body: unknown }[]>(town, '/notes');
const startContainer = (town: { url: string }) =>
  fetch(`${town.url}/containers/${TOWN}`, {
    method: 'PUT',
    body: JSON.stringify({ env: { GASTOWN_URL: town.url, GASTOWN_TOWN: TOWN, GASTOWN_RUNNER_TOKEN: 'gtr.x.y' } }),
  }).then((response) => response.json() as Promise<{ state: string; pid: number }>);

const runnerLog = (): string => readFileSync(path.join(standIn.state, 'logs', `runner-${TOWN}.log`), 'utf8');

/** A launcher in its own process. */
async function launch(
  over: object = {},
): Promise<{ process: ChildProcess; line: { url: string; pid: number }; port: number; told: () => string }> {
  const port = await freePort();
  const { worker, state } = standIn;
  const settings = { worker, state, port, runner: standIn.runner(WAITS), ...over };
  const child = spawn(process.execPath, [fileURLToPath(new URL('testing/launch.ts', import.meta.url)), JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own, as in a terminal
  });
  closing.push(() => void child.kill('SIGKILL'));
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (told += part.toString()));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the launcher ended with ${code}: ${told}`)));
  });
  return { process: child, line: JSON.parse(line) as { url: string; pid: number }, port, told: () => told };
}

describe('a town on a laptop', () => {
  it('on a folder that somebody chose is found from its first moment to its last, also while it has no child', async () => {
    const { worker, state } = standIn;
    const port = await freePort();
    const starting = startTown({ worker, state, port, demo: false, variables: {}, screen, runner: standIn.runner(WAITS) });
    const root = realpathSync(state);
    expect(allRunning(undefined)).toMatchObject([{ folder: { root }, lock: { port, url: null, children: [] } }]);
    const started = await starting;
    if (!started.ok) throw new Error(started.failure.message);
    closing.push(started.value.stop);
    expect(allRunning(undefined)).toMatchObject([{ folder: { root }, lock: { url: started.value.url } }]);
    await started.value.stop();
    expect(allRunning(undefined)).toEqual([]);
    expect(readdirSync(path.join(standIn.folder, '.gastown/launchers'))).toEqual([]);
  });

  it('gives the Worker exactly the bindings of its contract, its migrations in order, and serves the page', async () => {
    const town = await start({ variables: { OPENAI_API_KEY: 'sk-test-1' } });
    const bindings = await bindingsOf(town);
    expect(bindings).toMatchObject({
      PUBLIC_URL: town.url,
      HOST_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      text: 'SELECT 1;',
    });
    expect(bindings.ALLOWED_HOSTS).toBe(`${new URL(town.url).host},localhost:${new URL(town.url).port}`);
    expect(Buffer.from(bindings.SEAL_KEY, 'base64')).toHaveLength(32);
    expect(bindings.ENVIRONMENT).toMatchObject({
      demo: false,
      sample: null,
      providerKeys: { openai: 'sk-test-1' },
      defaultModel: { provider: 'openai' },
    });
    expect(bindings.migrations).toEqual(['0001_first.sql', '0002_second.sql']);
    expect(await (await fetch(`${town.url}/some/page`)).text()).toContain('the page');
    expect((await notesOf(town)).map(({ pathname }) => pathname)).toEqual(['/host/boot']);
  });

  it('listens on loopback only and gives a sign-in link of the Worker', async () => {
    const town = await start();
    const link = await town.signInLink();
    expect(link).toMatchObject({ ok: true, value: expect.stringContaining(`${town.url}/sign-in?code=`) });
    const port = new URL(town.url).port;
    const listening = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .filter((line) => line.includes(`:${Number(port).toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`));
    expect(listening.map((line) => line.trim().split(/\s+/)[1]?.split(':')[0])).toEqual(['0100007F']);
  });

  it('keeps its state and its keys over a restart, and no key of a provider lies in the state folder', async () => {
    const first = await start({ variables: { ANTHROPIC_API_KEY: 'sk-ant-unique-4711' } });
    const before = await bindingsOf(first);
    await first.stop();
    const again = await start();
    const after = await bindingsOf(again);
    expect([after.SEAL_KEY, after.HOST_KEY]).toEqual([before.SEAL_KEY, before.HOST_KEY]);
    expect(await notesOf(again)).toHaveLength(2); // one boot each
    expect(after.migrations).toHaveLength(2);
    expect(statSync(standIn.state).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(standIn.state, 'keys.json')).mode & 0o777).toBe(0o600);
    const found = execFileSync('sh', ['-c', `grep -rl sk-ant-unique-4711 '${standIn.state}' || true`]).toString();
    expect(found).toBe('');
  });

  it('whose keys are gone is not started until they are put back, or new ones are wanted; then it names what must be given again (keys_lost)', async () => {
    const keys = path.join(standIn.state, 'keys.json');
    await (await start()).stop();
    const kept = readFileSync(keys, 'utf8');
    rmSync(keys);
    const { worker, state } = standIn;
    const again = async (over: object = {}) =>
      startTown({ worker, state, port: await freePort(), demo: false, variables: {}, screen, runner: standIn.runner(WAITS), ...over });
    expect(await again()).toMatchObject({
      ok: false,
      failure: { code: 'keys_lost', next: expect.stringContaining(`./gastown up --state ${state} --new-keys`) },
    });
    expect(existsSync(keys)).toBe(false);
    await (await start({ newKeys: true })).stop();
    expect(said).toContain(
      'the town Acme stored. Give again: the token of the rig shop (Settings › Repositories), the model key (Settings › Models).',
    );
    writeFileSync(keys, kept);
    said = '';
    await (await start()).stop();
    expect(said).toBe('');
  });

  it.each([
    ['d1', 'the directory'],
    ['cache', 'the cache of the runtime'],
    ['do', 'a town'],
  ])('is not started on a damaged database, which is named (%s, %s)', async (kind) => {
    await (await start()).stop();
    const below = path.join(standIn.state, 'workers', kind);
    const broken = readdirSync(below, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.sqlite'))
      .map((name) => path.join(below, name));
    for (const file of broken) {
      writeFileSync(file, 'garbage'.repeat(2_000));
      rmSync(`${file}-wal`);
    }
    const { worker, state } = standIn;
    const again = await startTown({
      worker,
      state,
      port: await freePort(),
      demo: false,
      variables: {},
      screen,
      runner: standIn.runner(WAITS),
    });
    expect(again).toMatchObject({ ok: false, failure: { code: 'state_damaged', next: expect.stringContaining('copy') } });
    for (const file of broken) expect(again).toMatchObject({ failure: { message: expect.stringContaining(file) } });
    expect(processesOfState(state)).toEqual([]);
    expect(runningLock(path.join(state, 'lock.json'))).toBeNull();
  });

  it('starts when one town of several does not, and says why', async () => {
    const first = await start();
    await fetch(`${first.url}/answers`, { method: 'POST', body: JSON.stringify({ failsBoot: true }) });
    await first.stop();
    await (await start()).stop();
    expect(said).toBe('! 1 town does not start. See logs/worker.log of the state folder.\n');
    said = '';
    const broken = path.join(standIn.state, 'workers/do/town.sqlite');
    writeFileSync(broken, 'garbage'.repeat(2_000));
    await (await start()).stop();
    expect(said).toMatch(new RegExp(`^! 1 town does not start. A database is damaged: ${broken} .*copy`));
  });

  it('puts back keys that were deleted while it ran', async () => {
    const keys = path.join(standIn.state, 'keys.json');
    const town = await start();
    const kept = readFileSync(keys, 'utf8');
    rmSync(keys);
    await town.stop();
    expect(readFileSync(keys, 'utf8')).toBe(kept);
  });

  it('runs a runner when the Worker asks, tells the Worker of its end, and ends it when the town stops', async () => {
    const town = await start();
    const { pid } = await startContainer(town);
    process.kill(pid, 'SIGKILL');
    const exit = await until('the report of the exit', async () =>
      (await notesOf(town)).find(({ pathname }) => pathname.endsWith('/exited')),
    );
    expect(exit).toEqual({ pathname: `/host/containers/${TOWN}/exited`, body: { code: null, signal: 'SIGKILL' } });
    const second = await startContainer(town);
    expect(second.pid).not.toBe(pid);
    await town.stop();
    expect(processFacts(second.pid)).toBeNull();
    expect(existsSync(path.join(standIn.state, 'lock.json'))).toBe(false);
    expect(processesOfState(standIn.state)).toEqual([]);
  });

  it('keeps the port it serves on for the next start, and not one that did not serve or is for once', async () => {
    const { worker, state } = standIn;
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    closing.push(() => void other.close());
    const { port: taken } = other.address() as { port: number };
    const root = { root: state };
    expect(await startTown({ worker, state, port: taken, demo: false, variables: {}, screen })).toMatchObject({ ok: false });
    expect(lastPort(root)).toBeNull();
    const asked = await freePort();
    await (await start({ port: asked })).stop();
    expect(lastPort(root)).toBe(asked);
    await (await start({ portIsForOnce: true })).stop();
    expect(lastPort(root)).toBe(asked);
  });

  it('that does not get its last port names both, and keeps the last one', async () => {
    const others = [createServer().listen(0, '127.0.0.1'), createServer().listen(DEFAULT_PORT, '127.0.0.1')] as const;
    closing.push(() => others.forEach((other) => other.close()));
    await Promise.all([once(others[0], 'listening'), once(others[1], 'listening').catch(() => undefined)]); // held by another: as good
    const { port: last } = others[0].address() as { port: number };
    const root = { root: standIn.state };
    mkdirSync(standIn.state, { recursive: true });
    keepPort(root, last);
    const { told } = await launch({ port: undefined });
    await until('the note', () => (told().includes(`Port ${last}, on which this town was served last`) ? true : null));
    expect(told()).toContain(`this start takes ${DEFAULT_PORT}, the next one ${last} again`);
    expect(lastPort(root)).toBe(last);
  });

  it('says which program holds the port and changes nothing (port_taken)', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    closing.push(() => void other.close());
    const { port } = other.address() as { port: number };
    const { worker, state } = standIn;
    const refused = await startTown({ worker, state, port, demo: false, variables: {}, screen, runner: standIn.runner(WAITS) });
    expect(refused).toMatchObject({
      ok: false,
      failure: { code: 'port_taken', message: expect.stringContaining(`process ${process.pid}`) },
    });
    expect(runningLock(path.join(state, 'lock.json'))).toBeNull();
  });

  it('stops at SIGTERM: runners first, then the Worker; the lock is gone and the exit code is 0', async () => {
    const launched = await launch();
    const { pid } = await startContainer(launched.line);
    await until('the runner', () => runnerLog().includes('up'));
    launched.process.kill('SIGTERM');
    expect(await once(launched.process, 'exit')).toEqual([0, null]);
    expect(processFacts(pid)).toBeNull();
    expect(processesOfState(standIn.state)).toEqual([]);
    expect(existsSync(path.join(standIn.state, 'lock.json'))).toBe(false);
    expect(runnerLog()).toContain('ended with code 0');
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s to everything that the terminal started ends a demo quietly', async (name) => {
    const launched = await launch({ demo: true });
    const rehearsal = processesOfState(standIn.state).find(({ command }) => command.includes('demo/server.ts'))!;
    const before = launched.told();
    process.kill(rehearsal.pid, name);
    process.kill(-launched.line.pid, name);
    expect(await once(launched.process, 'close')).toEqual([0, null]);
    expect(launched.told()).toBe(before);
    expect(processesOfState(standIn.state)).toEqual([]);
  });

  it('ends at once at a second signal, although a runner is deaf', async () => {
    const launched = await launch({ runner: standIn.runner(DEAF) });
    await startContainer(launched.line);
    await until('the runner', () => runnerLog().includes('up'));
    launched.process.kill('SIGINT');
    await until('the first signal', () => runnerLog().includes('no'));
    launched.process.kill('SIGINT');
    expect(await once(launched.process, 'exit')).toEqual([130, null]);
    await until('the end of all', () => processesOfState(standIn.state).length === 0);
    expect(existsSync(path.join(standIn.state, 'lock.json'))).toBe(false);
  });

  it('a demo offers its model and sample, starts its servers again when they die, and keeps their addresses', async () => {
    const town = await start({ demo: true });
    const { ENVIRONMENT } = await bindingsOf(town);
    expect(ENVIRONMENT).toMatchObject({
      demo: true,
      suggestions: expect.arrayContaining([expect.any(String)]),
      defaultModel: { provider: 'custom', price: { input: 1_000_000 } },
    });
    const { sample, defaultModel, providerKeys } = ENVIRONMENT as Demo;
    const refs = (token: string) =>
      fetch(`${sample.gitUrl}/info/refs?service=git-receive-pack`, { headers: { authorization: `Bearer ${token}` } }).then(
        ({ status }) => status,
        () => 0,
      );
    const models = (key: string) =>
      fetch(`${defaultModel.baseUrl}/models`, { headers: { authorization: `Bearer ${key}` } }).then(
        ({ status }) => status,
        () => 0,
      );
    expect([await refs(sample.token), await refs('wrong'), await models(providerKeys.custom), await models('wrong')]).toEqual([
      200, 401, 200, 401,
    ]);
    const servers = processesOfState(standIn.state).find(({ command }) => command.includes('demo/server.ts'))!;
    process.kill(servers.pid, 'SIGKILL');
    await until('the servers again', async () => (await refs(sample.token)) === 200 && !isAlive(servers));
    await town.stop();
    expect(await refs(sample.token)).toBe(0);
    const again = await start({ demo: true });
    expect((await bindingsOf(again)).ENVIRONMENT).toMatchObject({ sample, defaultModel, providerKeys });
  });

  it('is refused on a folder where another launcher lives, which goes on (already_running)', async () => {
    const { line } = await launch();
    const { worker, state } = standIn;
    const refused = await startTown({
      worker,
      state,
      port: await freePort(),
      demo: false,
      variables: {},
      screen,
      runner: standIn.runner(WAITS),
    });
    expect(refused).toMatchObject({ ok: false, failure: { code: 'already_running', details: { url: line.url } } });
    expect((await fetch(`${line.url}/healthz`)).ok).toBe(true);
  });

  it('ends workerd and runners that a SIGKILLed launcher left behind, and starts on the same port', async () => {
    const killed = await launch();
    const { pid: runner } = await startContainer(killed.line);
    const orphans = processesOfState(standIn.state).filter(({ pid }) => pid !== killed.process.pid);
    expect(orphans.length).toBe(2);
    killed.process.kill('SIGKILL');
    await once(killed.process, 'exit');
    expect(orphans.every(isAlive)).toBe(true);
    const town = await start({ port: killed.port });
    expect(orphans.filter(isAlive)).toEqual([]);
    expect(processFacts(runner)).toBeNull();
    expect(said).toContain('2 of its processes were still there');
    expect((await fetch(`${town.url}/healthz`)).ok).toBe(true);
  });

  it('survives a crash of workerd: the runner lives, the page is served again', async () => {
    const town = await start();
    const { pid } = await startContainer(town);
    const workerd = processesOfState(standIn.state).find(({ command }) => command.includes('workerd'))!;
    process.kill(workerd.pid, 'SIGKILL');
    await until('workerd again', () => said.includes('started again'));
    expect((await fetch(`${town.url}/healthz`)).ok).toBe(true);
    expect(processFacts(pid)).not.toBeNull();
    expect(
      runningLock(path.join(standIn.state, 'lock.json'))
        ?.children.map(({ what }) => what)
        .toSorted(),
    ).toEqual([`runner of ${TOWN}`, 'workerd']);
  });
});
