import { failure, LIMITS, ok, refuse } from '@gastown/protocol';
import type { Result, Sha } from '@gastown/protocol';
import { takeNewObjects } from '../lfs/take.ts';
import { inCell } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import { gitFailure } from './failures.ts';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import { branchRef, commitOf, incomingRef, rescueRef } from './refs.ts';
import { rescueWork } from './rescue.ts';
import type { Worktree } from './worktree.ts';

/**
 * Brings what a run made into the mirror. The repository of a run is treated as a stranger's: its side of the fetch runs with the rights of its cell, and what comes is checked as from any
 * server: whole objects only, nothing missing, then one ref moves. Everything may be repeated, from any half-made state (DR-9).
 */

const ABSENT = '0'.repeat(40);

/** The run's commits; the branch in the mirror is then where the run's is. Null: it has none. */
export async function takeCommits(git: Git, mirror: Mirror, worktree: Worktree): Promise<Result<Sha | null>> {
  const ref = branchRef(worktree.branch);
  const [theirs, ours] = await Promise.all([commitOf(worktree.git, worktree.path, ref), commitOf(git, mirror.path, ref)]);
  if (theirs === null || theirs === ours) return ok(theirs);
  const incoming = incomingRef(worktree.runId);
  const fetched = await fetchFrom(git, mirror, worktree, `+${ref}:${incoming}`);
  if (!fetched.ok) return fetched;
  const taken = await commitOf(git, mirror.path, incoming);
  if (taken === null) return refuse(failure('git_failed', 'The commits did not arrive.'));
  await takeNewObjects(git, mirror.path, worktree, taken);
  const moved = await git({ cwd: mirror.path }, 'update-ref', ref, taken, ours ?? ABSENT);
  await git({ cwd: mirror.path }, 'update-ref', '-d', incoming);
  return moved.ok ? ok(taken) : refuse(gitFailure(moved, 'The work branch could not be moved'));
}

/** What the run did not commit, under its rescue ref; the ref goes away when all is committed. Null: nothing; `failed`: not whole. */
export async function takeRescue(git: Git, mirror: Mirror, worktree: Worktree): Promise<Sha | 'failed' | null> {
  const ref = rescueRef(worktree.runId);
  const [rescued, known] = [await rescueWork(worktree), await commitOf(git, mirror.path, ref)];
  if (rescued === 'failed') return rescued;
  if (rescued === null && known !== null) await git({ cwd: mirror.path }, 'update-ref', '-d', ref, known);
  if (rescued === null || rescued === known) return rescued;
  const fetched = await fetchFrom(git, mirror, worktree, `+${ref}:${ref}`);
  const taken = fetched.ok ? await commitOf(git, mirror.path, ref) : null;
  if (taken === null) return 'failed';
  await takeNewObjects(git, mirror.path, worktree, taken);
  return taken;
}

async function fetchFrom(git: Git, mirror: Mirror, { path, cell }: Worktree, refspec: string): Promise<Result<null>> {
  const fetched = await git(
    { cwd: mirror.path, timeoutMs: LIMITS.cloneTimeoutMs.value, config: { 'fetch.fsckObjects': 'true' } },
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-write-fetch-head',
    '--no-auto-gc',
    '--no-recurse-submodules',
    `--upload-pack=${uploadPack(cell)}`,
    '--',
    path,
    refspec,
  );
  return fetched.ok ? ok(null) : refuse(gitFailure(fetched, 'The commits of the run could not be taken over'));
}

/** The other side of the fetch, as a line for the shell. */
function uploadPack(cell: Cell): string {
  const bare = ['-u', 'SSH_AUTH_SOCK', '-u', 'GIT_SSH_COMMAND', 'HOME=/nonexistent', 'git', 'upload-pack'];
  const { program, args } = inCell(cell, 'env', bare);
  return [program, ...args].map((word) => (/^[\w./=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
