import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test, vi } from 'vitest';
import { tempFolder } from '../testing/fixtures.ts';
import { until } from '../testing/until.ts';
import { runProgram } from './program.ts';
import type { ProgramCall } from './program.ts';

const sh = (script: string, changes: Partial<ProgramCall> = {}) =>
  runProgram({ program: '/bin/sh', args: ['-c', script], cwd: '/', env: { PATH: '/usr/bin:/bin' }, timeoutMs: 20_000, ...changes });
const starter = async () => Number((await sh('echo $PPID')).out);
const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a program gets its folder, its environment and its input, and none of the runner’s (I16)', async () => {
  const folder = tempFolder();
  expect(
    await sh('cat; pwd; env | cut -d= -f1 | sort | tr "\\n" " "; echo no >&2; exit 3', { cwd: folder, input: 'said\n' }),
  ).toMatchObject({
    exitCode: 3,
    signal: null,
    timedOut: false,
    out: `said\n${folder}\nPATH PWD `,
    error: 'no\n',
  });
});

test('what does not end in its time, says too much or is not there is told as that, and is no success', async () => {
  const tells = async (call: Promise<{ exitCode: number | null; timedOut: boolean; says: string }>) => {
    const { exitCode, timedOut, says } = await call;
    return [exitCode, timedOut, says];
  };
  expect(await tells(sh('sleep 300', { timeoutMs: 200 }))).toEqual([
    null,
    true,
    expect.stringContaining('timed out after 200 milliseconds'),
  ]);
  expect(await tells(sh('echo 0123456789', { mostOutput: 5 }))).toEqual([null, false, expect.stringContaining('larger than 5 characters')]);
  expect((await sh('echo 0123456789', { mostOutput: 5 })).out).toBe('01234');
  expect(await tells(sh('true', { program: '/nonexistent/program' }))).toEqual([null, false, expect.stringContaining('ENOENT')]);
  expect(await tells(sh('true', { cwd: '/nonexistent' }))).toEqual([null, false, expect.stringContaining('cwd')]);
  expect(await tells(sh('true', { args: ['x'.repeat(3_000_000)] }))).toEqual([null, false, expect.stringMatching(/E2BIG.{0,1100}$/)]);
  expect(await tells(sh('exit 3'))).toEqual([3, false, expect.stringContaining('failed with exit code 3')]);
  expect(await sh('kill -9 $$')).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
});

test.each([
  ['does not end in its time', 'sleep 303 & echo $!; wait', { timeoutMs: 2_000 }],
  ['says too much', 'sleep 303 >&- 2>&- & echo $!; echo 0123456789; wait', { mostOutput: 10 }],
])('what %s is ended with all that it started (I18)', async (_, script, changes) => {
  const { out, exitCode } = await sh(script, changes);
  expect(exitCode).toBe(null);
  const helper = Number(out.split('\n')[0]);
  expect(helper).toBeGreaterThan(1);
  expect(await until('it is gone', () => !isThere(helper))).toBe(true);
});

test('one that nobody wants any more is asked to end, with what it started, and killed where it does not; none is begun after that (I8)', async () => {
  const file = join(tempFolder(), 'tidied');
  const ended = async (script: string) => {
    const off = new AbortController();
    const call = { program: '/bin/sh', args: ['-c', script], cwd: '/', env: { PATH: '/usr/bin:/bin' }, timeoutMs: 60_000 };
    const run = runProgram(call, off.signal);
    await until('it begins', () => existsSync(file));
    off.abort();
    const { exitCode, signal, timedOut, out } = await run;
    return [exitCode, signal, timedOut, out];
  };
  const nice = `trap 'echo tidied; exit 7' TERM; sleep 300 & echo $! > ${file}; wait`;
  expect(await ended(nice)).toEqual([7, null, false, 'tidied\n']);
  await until('what it started is gone', () => !isThere(Number(readFileSync(file, 'utf8'))));
  rmSync(file);
  expect(await ended(`trap '' TERM; touch ${file}; while :; do sleep 0.1; done`)).toEqual([null, 'SIGKILL', false, '']);
  const late = runProgram({ program: 'touch', args: [`${file}2`], cwd: '/', env: {}, timeoutMs: 1_000 }, AbortSignal.abort());
  expect(await late).toMatchObject({ exitCode: null, says: 'Nobody wants this program any more.' });
  expect(existsSync(`${file}2`)).toBe(false);
  const early = new AbortController();
  const begun = runProgram({ program: 'sleep', args: ['300'], cwd: '/', env: { PATH: '/usr/bin:/bin' }, timeoutMs: 60_000 }, early.signal);
  early.abort();
  expect(await begun).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
});

test('what a program left behind may hold its pipes: it is over with the program itself, with all that came', async () => {
  const { out, error, exitCode, timedOut } = await sh('sleep 307 & echo $!; echo said >&2');
  const left = Number(out);
  expect(left).toBeGreaterThan(1);
  onTestFinished(() => void process.kill(left, 'SIGKILL'));
  expect([exitCode, timedOut, error]).toEqual([0, false, 'said\n']);
  expect(isThere(left)).toBe(true);
});

test('one that ends before it has read all of its input ends as it likes, and ends no other', async () => {
  const first = await starter();
  expect(await sh('exit 4', { input: 'x'.repeat(5_000_000) })).toMatchObject({ exitCode: 4, signal: null });
  expect(await starter()).toBe(first);
});

test('much output comes whole, whatever its characters are cut into', async () => {
  const { out, says } = await sh(`yes 'aäx€' | head -c 5000000`, { mostOutput: 5_000_000 });
  expect(says).toBe('');
  expect(Buffer.byteLength(out)).toBe(5_000_000);
  expect(new Set(out.split('\n'))).toEqual(new Set(['aäx€', '']));
});

test('bytes come as one character each', async () => {
  expect((await sh(`printf '\\303\\244'`, { bytes: true })).out).toBe('Ã¤');
  expect((await sh(`printf '\\303\\244'`)).out).toBe('ä');
});

test('when what starts programs is killed, those under way are told as lost and the next is started', async () => {
  const first = await starter();
  const under = sh('sleep 300');
  process.kill(first, 'SIGKILL');
  expect(await under).toMatchObject({ exitCode: null, says: 'The process that starts programs was lost: it ended with SIGKILL' });
  const second = await starter();
  expect(second).not.toBe(first);
  expect(await sh('exit 0')).toMatchObject({ exitCode: 0 });
});

test('a program that cannot be given what it was to be given is told as that, and ends no other (I16)', async () => {
  const first = await starter();
  const other = sh('sleep 0.3; echo done');
  const refused = await sh('true', { args: ['-c', 'secret\0word'] });
  expect(refused).toMatchObject({ exitCode: null, says: 'The program could not be started with these arguments' });
  expect(await other).toMatchObject({ exitCode: 0, out: 'done\n' });
  expect(await starter()).toBe(first);
});

test('what was under way ends with what starts programs, so that nothing goes on beside its second try (I18)', async () => {
  const first = await starter();
  const under = sh('exec sleep 302');
  const program = await until('it runs', async () => /(\d+) sleep 302/.exec((await sh(`ps -o pid=,args= --ppid ${first}`)).out));
  process.kill(first, 'SIGKILL');
  await under;
  expect(await until('it is gone', () => !isThere(Number(program[1])))).toBe(true);
});

test('what began unheard, while the runner stood still, ends with what started it (I18)', async () => {
  const first = await starter();
  const under = sh('exec sleep 304');
  // Whoever waits like this reads nothing: the program begins, and its starter is gone, before anything of it is heard.
  const script = `until id=$(pgrep -P ${first} -f '^sleep 304$'); do :; done; kill -9 ${first}; echo $id`;
  const program = Number(spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).stdout);
  expect(program).toBeGreaterThan(1);
  expect(await under).toMatchObject({ exitCode: null, says: expect.stringContaining('SIGKILL') });
  expect(await until('it is gone', () => !isThere(program))).toBe(true);
});

test('one that hangs is ended, and the next call has another', { timeout: 60_000 }, async () => {
  const first = await starter();
  process.kill(first, 'SIGSTOP');
  expect(await sh('true', { timeoutMs: 100 })).toMatchObject({ exitCode: null, says: expect.stringContaining('SIGKILL') });
  expect(await starter()).not.toBe(first);
});

test('it is in a group of its own, so that what a terminal sends to a runner’s ends nothing that saves its work (DR-9)', async () => {
  const first = await starter();
  const [its, program, own] = (await sh(`ps -o pgid= ${first}; ps -o pgid= $$; ps -o pgid= ${process.pid}`)).out
    .trim()
    .split(/\s+/)
    .map(Number);
  expect(its).toBe(first);
  expect([first, program]).not.toContain(own);
});

test('a minute after the last call it is gone', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const first = await starter();
  vi.advanceTimersByTime(59_999);
  expect(await starter()).toBe(first);
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
  await until('it is gone', () => !isThere(first));
  expect(await starter()).not.toBe(first);
});

/** A process of its own that says which process starts its programs. What is `last` is asked for at SIGUSR2, and then it is gone. */
function another(then: string, last = '') {
  const call = (script: string) =>
    `runProgram(${JSON.stringify({ program: '/bin/sh', args: ['-c', script], cwd: '/', env: {}, timeoutMs: 600_000 })})`;
  const lines = [
    `import { runProgram } from ${JSON.stringify(new URL('program.ts', import.meta.url).href)};`,
    `console.log((await ${call('echo $PPID')}).out.trim());`,
    then === '' ? '' : `void ${call(then)};`,
    last === '' ? '' : `process.once('SIGUSR2', () => { void ${call(last)}; process.kill(process.pid, 'SIGKILL'); });`,
  ];
  const child = spawn(process.execPath, ['--input-type=module', '--eval', lines.join('\n')], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    child,
    starter: new Promise<number>((resolve) => createInterface(child.stdout).once('line', (line) => resolve(Number(line)))),
    over: new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code))),
  };
}

test('a process that has nothing more to do does not wait for it', async () => {
  const { starter: its, over } = another('');
  expect(await over).toBe(0);
  const pid = await its;
  await until('it is gone too', () => !isThere(pid));
});

test('a process that is killed takes it along, with what it started', async () => {
  const { child, starter: its } = another('exec sleep 301');
  const pid = await its;
  const children = async (): Promise<string> => (await sh(`ps -o pid=,args= --ppid ${pid}`)).out;
  const line = await until('it works', async () => /(\d+) sleep 301/.exec(await children()));
  child.kill('SIGKILL');
  expect(await until('both are gone', () => !isThere(pid) && !isThere(Number(line[1])))).toBe(true);
});

test('one that was still asked for a program before the end of its runner takes along what it started before', async () => {
  const { child, starter: its, over } = another('exec sleep 305', 'true');
  const pid = await its;
  const program = await until('it works', async () => /(\d+) sleep 305/.exec((await sh(`ps -o pid=,args= --ppid ${pid}`)).out));
  process.kill(pid, 'SIGSTOP');
  child.kill('SIGUSR2');
  expect(await over).toBe('SIGKILL');
  // The first that it does now is to tell of that program, to nobody.
  process.kill(pid, 'SIGCONT');
  expect(await until('both are gone', () => !isThere(pid) && !isThere(Number(program[1])))).toBe(true);
});
