import { expect, test } from 'vitest';
import { ok } from '@gastown/protocol';
import { RIG } from '../testing/fixtures.ts';
import { fetchRefs } from './fetch.ts';
import type { GitOutput } from './git.ts';
import type { Remotes } from './remote.ts';

const MOVED = "error: cannot lock ref 'refs/remotes/origin/main': is at 1111111 but expected 2222222";
const failed = (error: string): GitOutput => ({ ok: false, exitCode: 1, timedOut: false, out: '', error });
const DONE: GitOutput = { ok: true, exitCode: 0, timedOut: false, out: '', error: '' };

function fetching(...outputs: GitOutput[]) {
  const asked: string[][] = [];
  const run: Remotes['run'] = (_rig, url, _call, args) => {
    asked.push(args(url));
    return Promise.resolve(ok(outputs[asked.length - 1]!));
  };
  const mirror = { path: '/mirror.git', rigId: RIG, gitUrl: 'http://forge/a.git' };
  return { asked, fetched: fetchRefs({ run } as Remotes, mirror, ['+refs/heads/*:refs/remotes/origin/*']) };
}

test('a fetch that finds a ref moved by another one fetches again: neither fails a run (GT-1, I10)', async () => {
  const { asked, fetched } = fetching(failed(MOVED), DONE);
  expect([await fetched, asked.length]).toEqual([ok(DONE), 2]);
});

test('what is wrong otherwise is told at once, and a ref that stays locked after three', async () => {
  const refused = failed('fatal: repository not found');
  const other = fetching(refused);
  expect([await other.fetched, other.asked.length]).toEqual([ok(refused), 1]);
  const locked = fetching(failed(MOVED), failed(MOVED), failed(MOVED));
  expect([await locked.fetched, locked.asked.length]).toEqual([ok(failed(MOVED)), 3]);
});
