/** `gastown runner` as a process, with a town and a runner of the test's own. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { failure, nextStep } from '@gastown/protocol';
import type { FailureCode, RunnerSelf } from '@gastown/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { variablesOf } from '../machine/processes.ts';
import { ROOT } from '../project.ts';
import { freePort } from '../testing/free-port.ts';
import { until } from '../testing/until.ts';

const TOWN = 'k3v9q0t2m4xa';
const TOKEN = `gtm.${TOWN}.rn-000000000001.1.${'a'.repeat(43)}`;
const SELF = {
  town: { id: TOWN, name: 'Acme' },
  runner: { id: 'rn-000000000001', name: 'Attic' },
  rigs: ['shop'],
  places: 2,
  paused: false,
} as RunnerSelf;

let home: string;
let server: Server;
let url: string;
let answer: () => { status: number; body: unknown };
const children: ChildProcess[] = [];

beforeEach(async () => {
  home = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'gastown-runner-')));
  answer = () => ({ status: 200, body: { ok: true, value: SELF } });
  server = createServer((request, response) => {
    const { status, body } = request.headers.authorization === `Bearer ${TOKEN}` ? answer() : refusal('not_signed_in');
    response.writeHead(request.url === '/runner/self' ? status : 404).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await new Promise((resolve) => server.close(resolve));
  rmSync(home, { recursive: true, force: true });
});

function refusal(code: FailureCode) {
  const refused = failure(code);
  return { status: 401, body: { ok: false, failure: refused, next: nextStep(refused) } };
}

/** The command with a runner that does `source`; without one, a runner that stays until it is told to end. */
function launch(source = STAYS, { town = url, token = TOKEN, state = null as string | null } = {}) {
  const program = path.join(home, 'runner.mjs');
  writeFileSync(program, source);
  const main = path.join(home, 'main.mts');
  writeFileSync(
    main,
    `import { runner } from ${JSON.stringify(path.join(ROOT, 'apps/cli/src/commands/runner.ts'))};
     import { openScreen } from ${JSON.stringify(path.join(ROOT, 'apps/cli/src/terminal/screen.ts'))};
     const { wish, command } = JSON.parse(process.env.WISH); delete process.env.WISH;
     const ended = await runner(wish, openScreen(), { command, firstWaitMs: 10 });
     if (!ended.ok) openScreen().fail(ended.failure);
     process.exitCode = ended.ok ? 0 : 1;`,
  );
  const wish = { town, token, ...(state !== null && { state }) };
  const env = { ...process.env, HOME: home, NO_COLOR: '1', WISH: JSON.stringify({ wish, command: [process.execPath, program] }) };
  const child = spawn(process.execPath, [main, '--token', token], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (told += part.toString()));
  return { child, told: () => told, gone: new Promise<number | null>((resolve) => child.once('close', resolve)) };
}

const LOG = 'const log = (event, more = {}) => console.log(JSON.stringify({ at: 1, event, ...more }));';
const LINKS = `${LOG} log('runner.isolation', { isolation: 'none', why: 'not root' }); log('link.welcome');`;
const STAYS = `${LINKS} setInterval(() => {}, 1000);
  let asked = 0;
  process.on('SIGTERM', () => { asked += 1; console.log('asked ' + asked); if (asked === 2) process.exit(0); });`;
const log = (): string => readFileSync(path.join(home, '.gastown/runners', TOWN, 'runner.log'), 'utf8');

describe('gastown runner', () => {
  it('says whose it is, what agents may do here and when it is linked; the runner gets its address and token in its environment only', async () => {
    const { child, told, gone } = launch();
    await until('the link', () => told().includes('Acme sees this machine as Attic'));
    expect(told()).toContain('Takes  only shop, 2 agents at once');
    expect(told()).toContain(`agents and tests run as you (${os.userInfo().username})`);
    expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).not.toContain('gtm.');
    const pid = Number(/started, process (\d+)/.exec(log())![1]);
    expect(variablesOf(pid).toSorted()).toEqual(
      expect.arrayContaining([
        'GASTOWN_DRAIN_MS=300000',
        `GASTOWN_RUNNER_TOKEN=${TOKEN}`,
        `GASTOWN_STATE=${path.join(home, '.gastown/runners', TOWN, 'state')}`,
        `GASTOWN_TOWN=${TOWN}`,
        `GASTOWN_URL=${url}`,
      ]),
    );
    child.kill('SIGINT');
    await until('its end begins', () => log().includes('asked 1'));
    child.kill('SIGTERM');
    expect(await gone).toBe(0);
    expect(log()).toContain('asked 2');
    expect(told()).toContain('Stopped.');
  });

  it('starts the runner anew when it crashes, later and later, and ends with the reason of the town when that says bye', async () => {
    const bye = { code: 'unknown_runner', message: 'It was removed.' };
    const { told, gone } = launch(
      `import { existsSync, appendFileSync, readFileSync } from 'node:fs';
       const file = new URL('./lives', import.meta.url);
       appendFileSync(file, 'x');
       ${LINKS}
       if (readFileSync(file, 'utf8').length < 3) process.exit(1);
       log('runner.bye', { failure: ${JSON.stringify(bye)} });
       process.exit(3);`,
    );
    expect(await gone).toBe(1);
    expect(told().match(/The runner ended unexpectedly \(code 1\)/g)).toHaveLength(2);
    expect(log()).toMatch(/started anew in 10 ms[^]*started anew in 20 ms/);
    expect(told()).toContain('unknown_runner: It was removed.\n→ Add it in Settings › Runners');
  });

  it('a second one on the same folder says who runs there; when that was killed the folder is free, and what it left is ended', async () => {
    const first = launch();
    await until('the first', () => first.told().includes('Linked'));
    const second = launch();
    expect(await second.gone).toBe(1);
    expect(second.told()).toMatch(new RegExp(`already_running: A runner of this town already runs .*process ${first.child.pid}`));
    const left = Number(/started, process (\d+)/.exec(log())![1]);
    first.child.kill('SIGKILL');
    await first.gone;
    const third = launch();
    await until('the third', () => third.told().includes('Linked'));
    expect(existsSync(`/proc/${left}/environ`) && variablesOf(left).length > 0).toBe(false);
  });

  it('when the command itself is killed, the runner is asked to end', async () => {
    const ended = path.join(home, 'ended');
    const { child, told } = launch(
      `import { writeFileSync } from 'node:fs';
       process.on('SIGTERM', () => { writeFileSync(${JSON.stringify(ended)}, ''); process.exit(0); });
       ${LINKS} setInterval(() => {}, 1000);`,
    );
    await until('the link', () => told().includes('Linked'));
    expect(existsSync(ended)).toBe(false);
    child.kill('SIGKILL');
    await until('its end', () => existsSync(ended));
  });

  it.each<[string, { town?: string; token?: string }, string]>([
    ['an address that is none', { town: 'town.example' }, 'invalid_input: --town: "town.example" is not the address of a town'],
    [
      'the page of another town',
      { town: 'http://127.0.0.1:1/t/aaaaaaaaaaaa/board' },
      `invalid_input: --token: it is of another town (${TOWN})`,
    ],
    ['half a token', { token: TOKEN.slice(0, 40) }, 'invalid_input: --token: this is not the token of a runner, or not all of it.'],
    [
      'a token that the town does not know',
      { token: TOKEN.replace('a'.repeat(43), 'b'.repeat(43)) },
      'not_signed_in: The town does not know',
    ],
  ])('with %s it ends with one sentence and starts nothing', async (_, wish, sentence) => {
    const { told, gone } = launch(STAYS, wish);
    expect(await gone).toBe(1);
    expect(told()).toContain(sentence);
    expect(told()).toContain('→ ');
    expect(existsSync(path.join(home, '.gastown'))).toBe(false);
  });

  it('a town that is not there, one that is no town, and a token that was renewed or whose runner was removed, are told apart', async () => {
    const nobody = launch(STAYS, { town: `http://127.0.0.1:${await freePort()}` });
    expect(await nobody.gone).toBe(1);
    expect(nobody.told()).toMatch(/town_unreachable: Nothing answers at http.*ECONNREFUSED/);
    answer = () => ({ status: 200, body: '<html>' });
    const other = launch();
    expect(await other.gone).toBe(1);
    expect(other.told()).toContain('something answers (200) that is no town');
    for (const code of ['runner_token_refused', 'unknown_runner'] as const) {
      answer = () => refusal(code);
      const refused = launch();
      expect(await refused.gone).toBe(1);
      expect(refused.told()).toContain(`${code}: ${failure(code).message}`);
    }
  });

  it.each([
    ['never ends', (response: ServerResponse) => pour(response), /something answers \(200\) that is no town/],
    ['breaks off', (response: ServerResponse) => response.write('{', () => response.destroy()), /town_unreachable: Nothing answers/],
  ])('an answer that %s is told in one line', async (_, answerWith, told) => {
    const other = createServer((_request, response) => void answerWith(response.writeHead(200)));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const asked = launch(STAYS, { town: `http://127.0.0.1:${(other.address() as AddressInfo).port}` });
    expect(await asked.gone).toBe(1);
    other.closeAllConnections();
    other.close();
    expect(asked.told()).toMatch(told);
  });
});

const pour = (response: ServerResponse): void => {
  if (!response.destroyed) response.write(Buffer.alloc(65_536), () => pour(response));
};
