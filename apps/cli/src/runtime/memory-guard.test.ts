import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { identityOf, isAlive, memoryOf } from '../machine/processes.ts';
import { until } from '../testing/until.ts';
import { guardMemory } from './memory-guard.ts';

const silent = (): void => undefined;
/** A process that says when it holds what it was told to hold. */
async function holding(mebibytes: number) {
  const program = `const held = Buffer.alloc(${mebibytes} * 1048576, 1); console.log(held.length); setInterval(() => held, 1000)`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return identityOf(child.pid!);
}

test('a process that holds more than it may is ended, once, and the reason is told once (H15)', async () => {
  const large = await holding(200);
  const mostBytes = memoryOf(large.pid) - 1_048_576;
  const next = await holding(1);
  const guard = guardMemory({ process: () => (isAlive(large) ? large : next), log: silent, mostBytes, lookMs: 5, youngMs: 0 });
  onTestFinished(guard.stop);
  await until('it is ended', () => !isAlive(large));
  expect(guard.reason()).toMatch(/^held \d{3} MiB of memory$/);
  expect(guard.reason()).toBeNull();
  expect(isAlive(next)).toBe(true);
});

test('one that is young, or holds no more than it may, goes on; where there is none, nothing is ended', async () => {
  const large = await holding(100);
  let looks = 0;
  const process = () => {
    looks += 1;
    return looks > 1 ? large : null;
  };
  const young = guardMemory({ process, log: silent, mostBytes: 1, lookMs: 5, youngMs: 3_600_000 });
  await until('it was looked for twice', () => looks > 1);
  young.stop();
  const small = guardMemory({ process: () => large, log: silent, mostBytes: memoryOf(large.pid) * 2, lookMs: 5, youngMs: 0 });
  small.stop();
  expect([isAlive(large), young.reason(), small.reason()]).toEqual([true, null, null]);
});

test('a look that the system refuses is told once, and once more when it had been well between; what is no error of the system is a bug', async () => {
  const refused = Object.assign(new Error('too many open files'), { code: 'EMFILE' });
  const answers = [refused, refused, null, refused];
  const said: string[] = [];
  let looks = 0;
  const process = () => {
    const answer = answers[Math.min(looks, answers.length - 1)] ?? null;
    looks += 1;
    if (answer) throw answer;
    return null;
  };
  const guard = guardMemory({ process, log: (text) => said.push(text), lookMs: 2 });
  onTestFinished(guard.stop);
  await until('it looked often enough', () => looks > 6);
  const told = 'the memory of the Workers runtime cannot be looked at (EMFILE); it is looked again';
  expect(said).toEqual([told, told]);
  const broken = () =>
    guardMemory({
      process: () => {
        throw new Error('a bug');
      },
      log: silent,
    });
  expect(broken).toThrow('a bug');
});
