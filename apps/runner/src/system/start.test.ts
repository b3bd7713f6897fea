import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { OWN } from './cell.ts';
import { startInCell } from './start.ts';

test('a machine without a file descriptor left starts nothing, says so with a next step, and ends no runner; with some again everything starts (I8, I10)', async () => {
  const program = fileURLToPath(new URL('../testing/without-files.ts', import.meta.url));
  const { stdout } = await execa('/bin/sh', ['-c', 'ulimit -n 60 && exec "$@"', 'few', process.execPath, program]);
  expect(JSON.parse(stdout)).toEqual({
    without: {
      gate: {
        state: 'failed',
        retry: true,
        failure: { code: 'machine_full', message: 'merge.test: spawn /bin/sh EMFILE' },
      },
      agent: { code: 'machine_full', message: 'The agent kilo did not start: spawn true EMFILE' },
      git: expect.stringMatching(/^The process that starts programs was lost: spawn .* EMFILE$/) as string,
    },
    after: { gate: 0, agent: expect.objectContaining({ code: 'dispatch_failed' }) as object, git: 0 },
  });
});

test('who starts a program hears all that it says and how it ends', async () => {
  const child = await startInCell(OWN, '/bin/sh', ['-c', 'echo said; exit 3'], { cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] });
  const code = new Promise((resolve) => child.on('exit', resolve));
  expect([(await child.stdout.toArray()).join(''), await code]).toEqual(['said\n', 3]);
});

test('a program that is not there, or whose folder is gone, is told to who starts it', async () => {
  const stdio = ['ignore', 'ignore', 'ignore'] as const;
  await expect(startInCell(OWN, '/nonexistent/program', [], { stdio })).rejects.toThrow('ENOENT');
  await expect(startInCell(OWN, '/bin/true', [], { cwd: '/nonexistent', stdio })).rejects.toThrow('ENOENT');
});
