import { failure, LIMITS, ok, refuse } from '@gastown/protocol';
import type { Result, Sha } from '@gastown/protocol';
import { takeNewObjects } from '../lfs/take.ts';
import { inCell } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { gitFailure } from './failures.ts';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import { moveBranch } from './hold.ts';
import { branchRef, commitOf, incomingRef, rescueRef } from './refs.ts';
import { lines } from './remote.ts';
import { checkWhatIsHere } from './sound.ts';
import { inOurWords, isAside, keepAside, rescueWork } from './rescue.ts';
import type { Worktree } from './worktree.ts';

/**
 * Brings what a run made into the mirror. The repository of a run is treated as a stranger's: its side of the fetch runs with the rights of its cell, and what comes is checked as from any
 * server: whole objects only, nothing missing, then one ref moves. Everything may be repeated, from any half-made state (DR-9).
 */

/** One taking from a worktree at a time: `done` is looked at, a turn ends and a run is cleared whenever they are. */
const oneAtATime = makeKeyedLock();

export interface Kept {
  /** Where the branch is now, in the mirror as in the worktree. Null: the run made none, or has it no more. */
  readonly head: Sha | null;
  /** All that the branch does not have. Null: there is nothing; `failed`: there may be, and it could not be kept whole. */
  readonly rescued: Sha | 'failed' | null;
  /** False: files in Git LFS of it may be in the worktree alone. */
  readonly whole: boolean;
}

/** Everything that the run made: commits of its branch on that branch, the rest under its rescue ref. A failure: its commits may be in the worktree alone. */
export const takeWork = (git: Git, mirror: Mirror, worktree: Worktree): Promise<Result<Kept>> =>
  oneAtATime.run(worktree.path, async () => {
    let whole = true;
    // Also of what is in the mirror already: something may have been left the last time.
    const takeFiles: TakeFiles = async (commit) => {
      if (!(await takeNewObjects(git, mirror.path, worktree, commit))) whole = false;
    };
    const head = await commitsOf(git, mirror, worktree, takeFiles);
    const rescued = await rescueOf(git, mirror, worktree, takeFiles);
    if (head.ok) return ok({ head: head.value, rescued, whole });
    // A branch that is another run's by now: its commits are among what was rescued.
    return head.failure.code === 'target_moved' ? ok({ head: null, rescued, whole }) : head;
  });

/** Takes the files in Git LFS that a commit brings. */
type TakeFiles = (commit: Sha) => Promise<unknown>;

/** The commits of its branch; the branch in the mirror is then where the run's is. Null: it has none. `target_moved`: the branch is another run's by now. */
export const takeCommits = (git: Git, mirror: Mirror, worktree: Worktree): Promise<Result<Sha | null>> =>
  oneAtATime.run(worktree.path, () => commitsOf(git, mirror, worktree, (commit) => takeNewObjects(git, mirror.path, worktree, commit)));

async function commitsOf(git: Git, mirror: Mirror, worktree: Worktree, takeFiles: TakeFiles): Promise<Result<Sha | null>> {
  const ref = branchRef(worktree.branch);
  const [theirs, ours] = await Promise.all([commitOf(worktree.git, worktree.path, ref), commitOf(git, mirror.path, ref)]);
  if (theirs !== null && theirs === ours) await takeFiles(theirs);
  if (theirs === null || theirs === ours) return ok(theirs);
  const incoming = incomingRef(worktree.runId);
  const fetched = await fetchFrom(git, mirror, worktree, theirs, incoming);
  if (!fetched.ok) return fetched;
  const taken = await commitOf(git, mirror.path, incoming);
  if (taken === null) return refuse(failure('git_failed', 'The commits did not arrive.'));
  await takeFiles(taken);
  const moved = await moveBranch(git, mirror, worktree, taken);
  await git({ cwd: mirror.path }, 'update-ref', '-d', incoming);
  return moved.ok ? ok(taken) : moved;
}

/** The ref goes away when the branch has all there is. What was kept beside the branch before is nowhere else: it stays, under what comes. */
async function rescueOf(git: Git, mirror: Mirror, worktree: Worktree, takeFiles: TakeFiles): Promise<Sha | 'failed' | null> {
  const ref = rescueRef(worktree.runId);
  const there = await git({ cwd: mirror.path }, 'for-each-ref', '--format=%(objectname)', 'refs/heads', 'refs/remotes');
  const [rescued, known] = [await rescueWork(worktree, lines(there.out)), await commitOf(git, mirror.path, ref)];
  if (rescued === known && known !== null) await takeFiles(known);
  if (rescued === 'failed' || rescued === known) return rescued;
  const aside = known !== null && (await isAside(git, mirror, known));
  if (rescued === null && aside) return known;
  if (rescued === null) {
    if (known !== null) await git({ cwd: mirror.path }, 'update-ref', '-d', ref, known);
    return null;
  }
  const to = aside ? incomingRef(worktree.runId) : ref;
  const fetched = await fetchFrom(git, mirror, worktree, rescued, to);
  const taken = fetched.ok ? await commitOf(git, mirror.path, to) : null;
  if (taken === null) return 'failed';
  await takeFiles(taken);
  if (!aside) return (await inOurWords(git, mirror, worktree, taken)) ?? 'failed';
  const both = await keepAside(git, mirror, worktree, taken, 'as they are committed');
  await git({ cwd: mirror.path }, 'update-ref', '-d', to);
  return both ?? 'failed';
}

async function fetchFrom(git: Git, mirror: Mirror, { path, cell }: Worktree, commit: Sha, to: string): Promise<Result<null>> {
  const here = await checkWhatIsHere(git, mirror.path, commit);
  if (!here.ok) return here;
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
    `+${commit}:${to}`,
  );
  return fetched.ok ? ok(null) : refuse(gitFailure(fetched, 'The commits of the run could not be taken over'));
}

/** The other side of the fetch, as a line for the shell. */
function uploadPack(cell: Cell): string {
  const bare = ['-u', 'SSH_AUTH_SOCK', '-u', 'GIT_SSH_COMMAND', 'HOME=/nonexistent', 'git', 'upload-pack'];
  const { program, args } = inCell(cell, 'env', bare);
  return [program, ...args].map((word) => (/^[\w./=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
