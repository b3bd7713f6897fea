import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeMirrors } from './mirror.ts';
import { person, RIG } from '../testing/fixtures.ts';
import { worktreeRig } from '../testing/worktree-rig.ts';
import { packMirror } from './pack.ts';

const DAY = 86_400_000;

async function setUp() {
  const rig = await worktreeRig();
  const { mirror } = rig;
  await rig.mirrors.fetch(mirror);
  const refs = (prefix: string) => person(mirror.path, 'for-each-ref', '--format=%(refname)', prefix).split('\n');
  const head = person(mirror.path, 'rev-parse', 'refs/remotes/origin/main');
  return { ...rig, refs, head };
}

test('a mirror that is used for long stays small: old results of merges are forgotten, refs and objects packed, and no object goes away', async () => {
  const { git, mirror, refs, head } = await setUp();
  const commit = (name: string, at: number): string => {
    const env = {
      PATH: process.env['PATH'],
      GIT_AUTHOR_NAME: 'P',
      GIT_AUTHOR_EMAIL: 'p@p',
      GIT_COMMITTER_NAME: 'P',
      GIT_COMMITTER_EMAIL: 'p@p',
      GIT_COMMITTER_DATE: `${at / 1000} +0000`,
    };
    return execFileSync('git', ['commit-tree', '-m', name, '-p', head, `${head}^{tree}`], {
      cwd: mirror.path,
      env,
      encoding: 'utf8',
    }).trim();
  };
  const now = 1_800_000_000_000;
  const [old, fresh] = [commit('old', now - 15 * DAY), commit('fresh', now - DAY)];
  person(mirror.path, 'update-ref', 'refs/gastown/merges/m-old', old);
  person(mirror.path, 'update-ref', 'refs/gastown/merges/m-fresh', fresh);
  const blobs = Array.from({ length: 2_100 }, (_, at) => `blob\nmark :${at + 1}\ndata ${String(at).length}\n${at}\n`).join('');
  execFileSync('git', ['-c', 'fastimport.unpackLimit=10000', 'fast-import', '--quiet'], {
    cwd: mirror.path,
    input: blobs,
    env: { PATH: process.env['PATH'] },
  });
  await packMirror(git, mirror, now);
  expect(refs('refs/gastown/merges')).toEqual(['refs/gastown/merges/m-fresh']);
  expect(person(mirror.path, 'count-objects')).toBe('0 objects, 0 kilobytes');
  expect(readdirSync(join(mirror.path, 'objects', 'pack')).filter((name) => name.endsWith('.pack'))).toHaveLength(1);
  expect(person(mirror.path, 'cat-file', '-t', old)).toBe('commit');
  expect(readdirSync(join(mirror.path, 'refs'), { recursive: true, withFileTypes: true }).filter((each) => each.isFile())).toEqual([]);
});

test('what was arriving when an earlier runner was killed is forgotten when the next one opens the mirror, and not later', async () => {
  const { git, remotes, cells, mirrors, folder, forge, mirror, refs, head } = await setUp();
  person(mirror.path, 'update-ref', 'refs/gastown/incoming/run-1', head);
  await mirrors.open(RIG, forge);
  expect(refs('refs/gastown/incoming')).toEqual(['refs/gastown/incoming/run-1']);
  await makeMirrors(git, remotes, join(folder, 'rigs'), cells.readersOf).open(RIG, forge);
  expect(refs('refs/gastown/incoming')).toEqual(['']);
});
