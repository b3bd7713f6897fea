import { join } from 'node:path';
import { RigId, RunId, workBranch } from '@gastown/protocol';
import { prepareWorktree } from '../git/worktree.ts';
import { openGround } from './ground.ts';

/** One rig as the runner keeps it, for benchmarks: its mirror, and worktrees as its runs get them. */
export async function openRig(state: string, gitUrl: string, isolation: 'auto' | 'none') {
  const { cells, git, gitOf, remotes, mirrors } = await openGround({ state, isolation });
  const rigId = RigId.parse('rig-00000001');
  const mirror = await mirrors.open(rigId, gitUrl);
  if (!mirror.ok) throw new Error(mirror.failure.message);
  const fetched = await mirrors.fetch(mirror.value);
  if (!fetched.ok) throw new Error(fetched.failure.message);
  return {
    isolation: cells.isolation,
    mirror: mirror.value.path,
    /** The worktree of the run with this number; its folder. */
    async prepare(number: number): Promise<string> {
      const digits = number.toString(16).padStart(12, '0');
      const runId = RunId.parse(`run-${digits}`);
      const cell = cells.agent('kilo-bench', rigId);
      const path = join(state, 'worktrees', runId);
      const worktree = { path, runId, branch: workBranch('Toast', `gt-${digits.slice(4)}`), cell, git: gitOf(cell) };
      const signature = { gitName: 'Ada', gitEmail: 'ada@example.invalid', agentName: 'Toast' };
      const made = await prepareWorktree(git, remotes, mirror.value, { worktree, targetBranch: 'main', startFrom: null, signature });
      if (!made.ok) throw new Error(made.failure.message);
      return path;
    },
  };
}
