import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from './shell-word.ts';

test.each(['api', '', 'My town', "it's", '`echo x`', '$(echo x)', '"$HOME"', '!x', 'a\\', '-n', '=ls', '~', '*', 'a;b', "''"])(
  'a shell takes it as one word and runs nothing of it (I16): %j',
  (name) => {
    expect(execFileSync('/bin/sh', ['-c', `printf '[%s]' ${shellWord(name)}`], { encoding: 'utf8' })).toBe(`[${name}]`);
  },
);

test('a word that is none but for a shell stays as it is', () => {
  expect(['api', '/tmp/a-b', 'k=v'].map(shellWord)).toEqual(['api', '/tmp/a-b', 'k=v']);
});
