import { expect, test } from 'vitest';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Sha } from '@gastown/protocol';
import type { Git } from './git.ts';
import { ofCommit } from './of-commit.ts';
import { isBranchName } from './refs.ts';

const sha = (at: number): Sha => String(at).padStart(40, '0') as Sha;
const noGit: Git = () => Promise.reject(new Error('not asked'));

test('what is in a commit is asked once; a failure is no answer; the oldest of many is forgotten', async () => {
  const asked: string[] = [];
  let broken = true;
  const read = ofCommit<string>(async (_git, repository, commit) => {
    asked.push(`${repository} ${Number(commit)}`);
    return broken ? refuse(failure('git_failed', 'no')) : ok(`of ${Number(commit)}`);
  });
  expect(await read(noGit, 'one', sha(1))).toMatchObject({ ok: false });
  broken = false;
  expect(await read(noGit, 'one', sha(1))).toEqual(ok('of 1'));
  expect(await read(noGit, 'two', sha(1))).toEqual(ok('of 1'));
  expect(await read(noGit, 'one', sha(2))).toEqual(ok('of 2'));
  expect(asked).toEqual(['one 1', 'one 1', 'one 2']);
  for (let at = 3; at < 1_100; at++) await read(noGit, 'one', sha(at));
  asked.length = 0;
  await read(noGit, 'one', sha(1_099));
  await read(noGit, 'one', sha(1));
  expect(asked).toEqual(['one 1']);
});

test('git is asked once for a branch name that it accepts, and again for one that it refused or took for another', async () => {
  const asked: string[] = [];
  const git: Git = async (_call, ...args) => {
    const name = args.at(-1)!;
    asked.push(name);
    return { ok: !name.startsWith('bad'), exitCode: 0, timedOut: false, out: `${name.replace('@{-1}', 'fine')}\n`, error: '' };
  };
  const names = ['fine', 'bad..name', '@{-1}', '-option'];
  const said = async (): Promise<boolean[]> => Promise.all(names.map((name) => isBranchName(git, '/', name)));
  expect(await said()).toEqual([true, false, false, false]);
  expect(await said()).toEqual([true, false, false, false]);
  expect(asked).toEqual(['fine', 'bad..name', '@{-1}', 'bad..name', '@{-1}']);
});
