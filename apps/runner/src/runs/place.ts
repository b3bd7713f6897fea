import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, ok, refuse, RunId } from '@gastown/protocol';
import type { Result, RunnerEffect } from '@gastown/protocol';
import type { Git } from '../git/git.ts';
import type { Mirror, Mirrors } from '../git/mirror.ts';
import { foldersIn, prepareWorktree, removeWorktree, rescueWork } from '../git/worktree.ts';
import type { KeyedLock } from '../system/keyed-lock.ts';
import type { Log } from '../system/log.ts';

export type RunStart = Extract<RunnerEffect, { kind: 'run.start' }>;

/** Where a run works. The Mayor has a desk of its own, which stays (GT-18); a worker has a worktree for the time of its run. */
export interface Place {
  readonly cwd: string;
  readonly continued: boolean;
  readonly mirror: Mirror | null;
}

export interface PlaceSurroundings {
  readonly git: Git;
  readonly mirrors: Mirrors;
  readonly state: string;
  /** One change of a rig's worktrees at a time. */
  readonly locks: KeyedLock;
  readonly log: Log;
}

const worktreePath = (state: string, runId: RunId): string => join(state, 'worktrees', runId);

export async function makePlace(around: PlaceSurroundings, start: RunStart): Promise<Result<Place>> {
  const { rig, branch } = start.context;
  if (rig === null || start.gitUrl === null) return makeDesk(around, start);
  const target = start.context.targetBranch ?? rig.defaultBranch;
  if (branch === null || target === null) return refuse(failure('setup_failed', 'The run names no branch.'));
  const { gitUrl } = start;
  return around.locks.run(rig.id, async () => {
    const opened = await around.mirrors.open(rig.id, gitUrl);
    if (!opened.ok) return opened;
    const fetched = await around.mirrors.fetch(opened.value);
    if (!fetched.ok) return fetched;
    const signature = { gitName: start.gitName, gitEmail: start.gitEmail, agentName: start.context.agent.name };
    const worktree = await prepareWorktree(around.git, opened.value, {
      path: worktreePath(around.state, start.runId),
      branch,
      targetBranch: target,
      startFrom: start.startFrom,
      signature,
    });
    return worktree.ok ? ok({ cwd: worktree.value.path, continued: worktree.value.continued, mirror: opened.value }) : worktree;
  });
}

/** The same folder for every run of this agent: a session is resumed where it was. */
async function makeDesk(around: PlaceSurroundings, start: RunStart): Promise<Result<Place>> {
  const cwd = join(around.state, 'desks', start.agentId);
  await mkdir(cwd, { recursive: true });
  await around.git({ cwd }, 'init', '--quiet');
  return ok({ cwd, continued: false, mirror: null });
}

/** Keeps uncommitted work under the rescue ref, then removes the worktree. Safe to repeat, and for runs that have none. */
export async function clearWorktree(around: PlaceSurroundings, runId: RunId): Promise<void> {
  const path = worktreePath(around.state, runId);
  if ((await stat(path).catch(() => null)) === null) return;
  const common = await around.git({ cwd: path }, 'rev-parse', '--path-format=absolute', '--git-common-dir');
  if (!common.ok) return rm(path, { recursive: true, force: true });
  const mirrorPath = common.out.trim();
  const rescued = await rescueWork(around.git, path, runId);
  if (rescued === 'failed') await putAside(around, runId, path);
  else if (rescued !== null) around.log('run.rescued', { runId, commit: rescued });
  await around.locks.run(mirrorPath, () => removeWorktree(around.git, mirrorPath, path));
}

/** What could not be kept in git stays as files, for a person to look at. */
async function putAside(around: PlaceSurroundings, runId: RunId, path: string): Promise<void> {
  const folder = join(around.state, 'rescued');
  await mkdir(folder, { recursive: true });
  const aside = join(folder, `${runId}-${Date.now()}`);
  await rename(path, aside);
  around.log('run.put_aside', { runId, folder: aside });
}

/** After a start: what an earlier runner left is kept and cleared. */
export async function clearLeftovers(around: PlaceSurroundings): Promise<void> {
  for (const name of await foldersIn(join(around.state, 'worktrees'))) {
    const runId = RunId.safeParse(name);
    if (!runId.success) continue;
    // One folder that cannot be cleared must not keep the runner from starting, or from ending.
    await clearWorktree(around, runId.data).catch((cause: unknown) =>
      around.log('run.not_cleared', { runId: name, reason: String(cause) }),
    );
  }
}
