import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { tooFewFiles } from './open-files.ts';

const line = (soft: string, hard: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax processes             10                   10                   processes\nMax open files            ${soft}                ${hard}              files\n`;

it('a machine that lets a process open too few files is told as that, with the limit to raise; one that lets it, or does not tell, is not (I10)', () => {
  expect(tooFewFiles(line('64', '64'))).toEqual({
    code: 'machine_full',
    message: 'Programs here may have 64 open files; 256 are needed.',
    next: 'Raise the limit, ulimit -n 1024, and start again.',
  });
  for (const limits of [line('256', '4096'), line('1024', '1048576'), line('unlimited', 'unlimited'), '', 'nonsense'])
    expect(tooFewFiles(limits)).toBeNull();
});

it('a start with too few open files says so before anything is started or written', () => {
  const launch = fileURLToPath(new URL('../testing/launch.ts', import.meta.url));
  const settings = JSON.stringify({ state: '/nonexistent/state', port: 1 });
  const { stdout } = spawnSync('/bin/sh', ['-c', 'ulimit -n 60 && exec "$@"', 'few', process.execPath, launch, settings], {
    encoding: 'utf8',
  });
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    failure: { code: 'machine_full', message: 'Programs here may have 60 open files; 256 are needed.' },
  });
});
