import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { readOptions } from '../options.ts';
import { tempFolder } from '../testing/fixtures.ts';
import { until } from '../testing/until.ts';
import { fullJitter } from './backoff.ts';
import { makeKeyedLock } from './keyed-lock.ts';
import { makeLog } from './log.ts';
import { readProc } from './proc-file.ts';
import { endStrays } from './processes.ts';
import { makeRedactor } from './redact.ts';

const GOOD = {
  GASTOWN_URL: 'http://127.0.0.1:8787/',
  GASTOWN_TOWN: 'k3v9q0t2m4xa',
  GASTOWN_RUNNER_TOKEN: 'gtr.x.secret',
  GASTOWN_STATE: '/tmp/s',
  PATH: '/bin',
  HOME: '/root',
};

test('the options are read from the environment', () => {
  expect(readOptions(GOOD)).toMatchObject({ ok: true, value: { url: 'http://127.0.0.1:8787', state: '/tmp/s', lang: 'C.UTF-8' } });
});

test.each([
  ['GASTOWN_URL', 'ftp://x'],
  ['GASTOWN_TOWN', 'nope'],
  ['GASTOWN_RUNNER_TOKEN', ''],
  ['GASTOWN_STATE', 'relative'],
  ['PATH', ''],
])('a wrong %s is refused by its name', (name, value) => {
  const read = readOptions({ ...GOOD, [name]: value });
  expect(read).toMatchObject({ ok: false, failure: { code: 'invalid_input', message: expect.stringContaining(name) } });
});

test('a log line is one line of JSON without secrets (GT-7)', () => {
  const written: string[] = [];
  const redactor = makeRedactor();
  redactor.add('tok/en 123');
  makeLog(
    redactor,
    (line) => written.push(line),
    () => 0,
  )('x.y', { a: 'has tok/en 123', b: 'tok%2Fen%20123', url: 'https://ada:pw@host/r\nline' });
  expect(written).toEqual(['{"at":"1970-01-01T00:00:00.000Z","event":"x.y","a":"has ****","b":"****","url":"https://host/r\\nline"}']);
});

test('the wait between tries grows to its cap and is spread over the whole range', () => {
  expect([0, 1, 2, 10].map((attempt) => fullJitter(attempt, 250, 10_000, () => 0.999_999))).toEqual([249, 499, 999, 9_999]);
  expect(fullJitter(5, 250, 10_000, () => 0)).toBe(0);
});

test('jobs of one key run one after another, also after one that failed; others do not wait', async () => {
  const lock = makeKeyedLock();
  const order: string[] = [];
  let open: (() => void) | null = null;
  const first = lock.run('a', () => new Promise<void>((resolve) => (open = resolve)).then(() => Promise.reject(new Error('broken'))));
  const second = lock.run('a', () => Promise.resolve(order.push('second')));
  await lock.run('b', () => Promise.resolve(order.push('other key')));
  await until('the first job runs', () => open);
  open!();
  await expect(first).rejects.toThrow('broken');
  await second;
  expect(order).toEqual(['other key', 'second']);
});

test('strays of an earlier runner are found by their home and ended; other processes are not touched', async () => {
  const folder = tempFolder();
  const stray = spawn('sleep', ['300'], { env: { PATH: process.env['PATH'], HOME: `${folder}/agents/kilo/home` }, detached: true });
  const bystander = spawn('sleep', ['300'], { env: { PATH: process.env['PATH'], HOME: `${folder}-other` } });
  const ended = new Promise((resolve) => stray.on('exit', (_, signal) => resolve(signal)));
  await until('they run', async () => stray.pid !== undefined && bystander.pid !== undefined);
  await until('the stray is found', async () => (await endStrays({ folder })).pids.includes(stray.pid!));
  expect(await ended).toBe('SIGKILL');
  expect(bystander.exitCode).toBe(null);
  bystander.kill();
});

test('a file of /proc is read whole, and is empty where there is none', async () => {
  const long = 'x'.repeat(20_000);
  const child = spawn('sleep', ['60'], { env: { LONG: long }, stdio: 'ignore' });
  const environ = `/proc/${child.pid}/environ`;
  await until('its environment', async () => (await readProc(environ)) === `LONG=${long}\0`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await readProc(environ)).toBe('');
});
