import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunId, Sha } from '@gastown/protocol';
import { createBareRepo, createEmptyRepo, seedRepo } from '@gastown/rehearsal';
import type { Git } from '../git/git.ts';
import type { Mirror } from '../git/mirror.ts';
import { takeCommits, takeWork } from '../git/take.ts';
import { prepareWorktree } from '../git/worktree.ts';
import type { Worktree } from '../git/worktree.ts';
import type { Redactor } from '../system/redact.ts';
import { agentGit, gitSurroundings, RIG, SIGNATURE, tempFolder, worktreeAt } from './fixtures.ts';

/** A repository, with one file or empty, its mirror, and the worktree of a run to be. */
export async function worktreeRig({ empty = false } = {}) {
  const folder = tempFolder();
  const forge = join(folder, 'forge.git');
  if (empty) await createEmptyRepo(forge);
  else await seedRepo(await createBareRepo(forge), [{ path: 'a.txt', content: 'a\n' }], 'first');
  const around = await gitSurroundings(folder);
  const opened = await around.mirrors.open(RIG, forge);
  if (!opened.ok) throw new Error(opened.failure.message);
  const mirror = opened.value;
  const worktree = worktreeAt(around, folder);
  const { path } = worktree;
  const prepare = async (changes: { runId?: RunId; branch?: string; startFrom?: string } = {}) => {
    const fetched = await around.mirrors.fetch(mirror);
    if (!fetched.ok) throw new Error(fetched.failure.message);
    const wish = { worktree: worktreeAt(around, folder, changes), targetBranch: 'main', signature: SIGNATURE };
    return prepareWorktree(around.git, around.remotes, mirror, { ...wish, startFrom: changes.startFrom ?? null });
  };
  const take = async () => {
    const taken = await takeCommits(around.git, mirror, worktree);
    if (!taken.ok) throw new Error(taken.failure.message);
    return taken.value!;
  };
  return { ...around, folder, forge, mirror, worktree, path, prepare, take };
}

/** The same, and a run is at work in its worktree. */
export async function workingRig(kind: { empty?: boolean } = {}) {
  const rig = await worktreeRig(kind);
  const made = await rig.prepare();
  if (!made.ok) throw new Error(made.failure.message);
  return rig;
}

/** What gates are run with. */
export const gatesOf = <A extends { readonly redactor: Redactor }>(around: A, gateTimeoutMs: number) => ({
  ...around,
  path: process.env['PATH'] ?? '',
  lang: 'C.UTF-8',
  now: Date.now,
  redact: around.redactor.redact,
  gateTimeoutMs,
});

/** What of the run is beside its branch, in the mirror. */
export async function rescueOf(git: Git, mirror: Mirror, worktree: Worktree): Promise<Sha | 'failed' | null> {
  const kept = await takeWork(git, mirror, worktree);
  if (!kept.ok) throw new Error(kept.failure.message);
  return kept.value.rescued;
}

/** One commit as an agent makes it. */
export function commit(path: string, file: string, content: string): string {
  writeFileSync(join(path, file), content);
  agentGit(path, 'add', '-A');
  agentGit(path, 'commit', '-qm', `Change ${file}`);
  return agentGit(path, 'rev-parse', 'HEAD');
}
