import { expect, test } from 'vitest';
import { createBareRepo, seedRepo } from '@gastown/rehearsal';
import { commitFor } from '../browse/look.ts';
import { testMerge } from '../gates/test-merge.ts';
import { gitSurroundings, mergeTest, person, RIG, tempFolder } from '../testing/fixtures.ts';
import { land } from './push.ts';
import { HOSTILE_CASES } from './refs.hostile.ts';
import { commitOf, isBranchName } from './refs.ts';

async function setUp() {
  const folder = tempFolder();
  const forge = `${folder}/forge.git`;
  await seedRepo(await createBareRepo(forge), [{ path: 'README', content: 'a\n' }], 'first');
  const around = await gitSurroundings(folder);
  const opened = await around.mirrors.open(RIG, forge);
  if (!opened.ok) throw new Error(opened.failure.message);
  await around.mirrors.fetch(opened.value);
  const head = await commitOf(around.git, opened.value.path, 'refs/remotes/origin/main');
  const gates = { ...around, path: process.env['PATH'] ?? '', lang: 'C.UTF-8', redact: around.redactor.redact, gateTimeoutMs: 10_000 };
  return { around, mirror: opened.value, forge, head: head!, gates };
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
