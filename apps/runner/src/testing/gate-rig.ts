import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SetupCommand } from '@gastown/protocol';
import { testMerge } from '../gates/test-merge.ts';
import { agentGit, mergeTest } from './fixtures.ts';
import { gatesOf, workingRig } from './worktree-rig.ts';

/** A repository with one file, an agent's work that adds `files` to it, and tests of the merge of that. */
export async function gateRig(gateTimeoutMs = 1_500, files: Readonly<Record<string, string | Buffer>> = { 'b.txt': 'b\n' }) {
  const rig = await workingRig();
  const { forge, path } = rig;
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  agentGit(path, 'add', '-A');
  agentGit(path, 'commit', '-qm', 'work');
  const head = await rig.take();
  const gateAround = gatesOf(rig, gateTimeoutMs);
  const run = (gates: string[], changes: Partial<typeof gateAround> = {}) =>
    testMerge({ ...gateAround, ...changes }, mergeTest(forge, head, { gates }));
  const prepares = (setup: SetupCommand[], gates: string[]) => testMerge(gateAround, mergeTest(forge, head, { gates, setup }));
  return Object.assign(run, { folder: rig.folder, worktree: rig.worktree, cells: rig.cells, prepares });
}
