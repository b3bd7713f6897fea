import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SetupCommand } from '@gastown/protocol';
import { createBareRepo, seedRepo } from '@gastown/rehearsal';
import { testMerge } from '../gates/test-merge.ts';
import { agentGit, gitSurroundings, mergeTest, prepared, RIG, taken, tempFolder } from './fixtures.ts';

/** A repository with one file, an agent's work that adds `files` to it, and tests of the merge of that. */
export async function gateRig(gateTimeoutMs = 1_500, files: Readonly<Record<string, string | Buffer>> = { 'b.txt': 'b\n' }) {
  const folder = tempFolder();
  const forge = join(folder, 'forge.git');
  await seedRepo(await createBareRepo(forge), [{ path: 'a.txt', content: 'a\n' }], 'first');
  const around = await gitSurroundings(folder);
  const opened = await around.mirrors.open(RIG, forge);
  if (!opened.ok) throw new Error('no mirror');
  await around.mirrors.fetch(opened.value);
  const worktree = await prepared(around, folder, opened.value);
  const { path } = worktree;
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  agentGit(path, 'add', '-A');
  agentGit(path, 'commit', '-qm', 'work');
  const head = await taken(around, opened.value, worktree);
  const gateAround = {
    ...around,
    path: process.env['PATH'] ?? '',
    lang: 'C.UTF-8',
    redact: around.redactor.redact,
    gateTimeoutMs,
  };
  const run = (gates: string[], changes: Partial<typeof gateAround> = {}) =>
    testMerge({ ...gateAround, ...changes }, mergeTest(forge, head, { gates }));
  const prepares = (setup: SetupCommand[], gates: string[]) => testMerge(gateAround, mergeTest(forge, head, { gates, setup }));
  return Object.assign(run, { folder, worktree, cells: around.cells, prepares });
}
