import { expect, test } from 'vitest';
import { commitFor } from '../browse/look.ts';
import { testMerge } from '../gates/test-merge.ts';
import { mergeTest, person } from '../testing/fixtures.ts';
import { gatesOf, worktreeRig } from '../testing/worktree-rig.ts';
import { land } from './push.ts';
import { HOSTILE_CASES } from './refs.hostile.ts';
import { commitOf, isBranchName } from './refs.ts';

async function setUp() {
  const around = await worktreeRig();
  const { forge, mirror } = around;
  await around.mirrors.fetch(mirror);
  const head = await commitOf(around.git, mirror.path, 'refs/remotes/origin/main');
  return { around, mirror, forge, head: head!, gates: gatesOf(around, 10_000) };
}

test(`${HOSTILE_CASES.length} hostile names of branches: none is one, nothing can be seen, tested or landed by it, and no ref moves (I15, I4, GT-7)`, async () => {
  const { around, mirror, forge, head, gates } = await setUp();
  const { git, remotes } = around;
  const refs = (): string => [mirror.path, forge].map((at) => person(at, 'for-each-ref')).join('\n');
  const before = refs();
  for (const { id, name } of HOSTILE_CASES) {
    expect([id, await isBranchName(git, mirror.path, name)]).toEqual([id, false]);
    expect([id, await commitFor(git, mirror.path, name)]).toMatchObject([id, { ok: false, failure: { code: 'unknown_path' } }]);
    expect([id, await testMerge(gates, mergeTest(forge, head, { targetBranch: name }))]).toMatchObject([id, { ok: false }]);
    expect([id, await land(git, remotes, mirror, name, head, head)]).toMatchObject([id, { ok: false }]);
  }
  expect(refs()).toBe(before);
});
