import { failure, LIMITS, ok, parseWorkBranch, refuse } from '@gastown/protocol';
import type { Result, RunId, Sha } from '@gastown/protocol';
import { pushFailure, saysLocked } from './failures.ts';
import type { Git, GitOutput } from './git.ts';
import type { Mirror } from './mirror.ts';
import { releaseBranch } from './hold.ts';
import { branchRef, commitOf, isAncestor, isBranchName, pushedRef, remoteRef, rescuedThereRef, rescueRef } from './refs.ts';
import { rescuesFor } from './rescue.ts';
import type { Remotes } from './remote.ts';
import { fetchBranch, mayBegin } from './target.ts';

const pushTime = LIMITS.cloneTimeoutMs.value;

const MOVED = /stale info|failed to update ref|cannot lock ref|reference already exists|fetch first|non-fast-forward/i;

/** The branch is not what it was. One that is locked may well be, and nobody can tell. */
const saysMoved = (words: string): boolean => MOVED.test(words) && !saysLocked(words);

export interface PushWish {
  readonly branch: string;
  readonly head: Sha;
  /** What the repository is known to have of it; null: nothing. */
  readonly expected: Sha | null;
}

/** Pushes a work branch from the mirror to the repository if it still is there what is expected, whatever that was (an agent may rebase); else `target_moved`. */
export async function pushWorkBranch(
  git: Git,
  remotes: Remotes,
  mirror: Mirror,
  { branch, head, expected }: PushWish,
): Promise<Result<null>> {
  if (parseWorkBranch(branch) === null) return refuse(failure('push_refused', `"${branch}" is not a work branch of this town.`));
  const output = await remotes.run(mirror.rigId, mirror.gitUrl, { cwd: mirror.path, timeoutMs: pushTime }, (url) => [
    'push',
    '--porcelain',
    '--no-verify',
    `--force-with-lease=${branchRef(branch)}:${expected ?? ''}`,
    '--',
    url,
    `${head}:${branchRef(branch)}`,
  ]);
  if (!output.ok) return output;
  const words = `${output.value.error}\n${output.value.out}`;
  if (!output.value.ok && saysMoved(words))
    return refuse(failure('target_moved', `${branch} in the repository is not what was pushed last.`));
  if (!output.value.ok) return refuse(pushFailure({ ...output.value, error: words }, `Could not push ${branch}`));
  const both = [remoteRef(branch), pushedRef(branch)].map((ref) => `update ${ref} ${head}\n`).join('');
  await git({ cwd: mirror.path, input: both }, 'update-ref', '--stdin');
  return ok(null);
}

export interface OwnPush extends PushWish {
  /** Commits that were pushed before without an answer: they may have arrived. */
  readonly tried: ReadonlySet<Sha>;
  /** Of a branch that was deleted: `branch_missing`, unless it is to be made again. */
  readonly makeAgain: boolean;
}

/**
 * Pushes what a run made. What the repository has of the branch is replaced only where it is the run's own or part of what it made: another run, on this machine or another one, or a person may have
 * gone on with it (`target_moved`).
 */
export async function pushOwnWork(git: Git, remotes: Remotes, mirror: Mirror, wish: OwnPush): Promise<Result<null>> {
  const { branch, head } = wish;
  const first = await pushWorkBranch(git, remotes, mirror, wish);
  if (first.ok || first.failure.code !== 'target_moved') return first;
  const there = await fetchBranch(git, remotes, mirror, branch);
  if (!there.ok) return there;
  if (there.value === null && !wish.makeAgain) return refuse(failure('branch_missing', `${branch} was deleted in the repository.`));
  if (there.value !== null && !wish.tried.has(there.value) && !(await isAncestor(git, mirror.path, there.value, head))) return first;
  return pushWorkBranch(git, remotes, mirror, { branch, head, expected: there.value });
}

/**
 * Moves the target branch from `base` (null: the repository is empty) to `commit` by compare-and-swap in the repository itself (I4). Repeating it after a success
 * answers success; a target that moved meanwhile is `target_moved` and nothing was changed.
 */
export async function land(
  git: Git,
  remotes: Remotes,
  mirror: Mirror,
  target: string,
  base: Sha | null,
  commit: Sha,
): Promise<Result<null>> {
  if (!(await isBranchName(git, mirror.path, target))) return refuse(failure('push_refused', `"${target}" is not a branch name.`));
  if ((await commitOf(git, mirror.path, commit)) === null) {
    return refuse(
      failure('branch_missing', 'The tested merge result is gone from this machine; it is built again.', { mergeCommit: commit }),
    );
  }
  const absent = base === null ? await mayBegin(remotes, mirror, { target, isNew: true }) : ok(null);
  if (!absent.ok) return absent;
  const lease = `--force-with-lease=${branchRef(target)}:${base ?? ''}`;
  const output = await remotes.run(mirror.rigId, mirror.gitUrl, { cwd: mirror.path, timeoutMs: pushTime }, (url) => [
    'push',
    '--porcelain',
    '--no-verify',
    lease,
    '--',
    url,
    `${commit}:${branchRef(target)}`,
  ]);
  if (!output.ok) return output;
  const { value } = output;
  if (value.ok) return ok(null);
  const words = `${value.error}\n${value.out}`;
  if (saysMoved(words)) return afterRefusal(git, remotes, mirror, target, commit);
  return refuse(pushFailure({ ...value, error: words }, `Could not move ${target}`));
}

/** The lease did not hold: either somebody moved the target, or this very landing had happened before. */
async function afterRefusal(git: Git, remotes: Remotes, mirror: Mirror, target: string, commit: Sha): Promise<Result<null>> {
  const now = await fetchBranch(git, remotes, mirror, target);
  if (!now.ok) return now;
  if (now.value !== null && (now.value === commit || (await isAncestor(git, mirror.path, commit, now.value)))) return ok(null);
  return refuse(failure('target_moved', `${target} is at ${now.value?.slice(0, 12) ?? 'nothing'} now.`, { head: now.value }));
}

/**
 * Brings rescued work to the repository, so that it survives this disk. It goes under a ref of the same name that is no branch: a forge need not take it.
 */
export async function pushRescue(git: Git, remotes: Remotes, mirror: Mirror, runId: RunId, commit: Sha): Promise<Result<null>> {
  const ref = rescueRef(runId);
  const isForgotten = async (): Promise<boolean> => (await commitOf(git, mirror.path, ref)) === null;
  if ((await commitOf(git, mirror.path, rescuedThereRef(runId))) === commit || (await isForgotten())) return ok(null);
  const pushed = await pushRefs(remotes, mirror, [`+${commit}:${ref}`]);
  if (!pushed.ok) return pushed;
  if (!pushed.value.ok) return refuse(pushFailure(pushed.value, `Could not push ${ref}`));
  await git({ cwd: mirror.path }, 'update-ref', rescuedThereRef(runId), commit);
  // Whoever forgot it meanwhile did not know that it is there.
  return (await isForgotten()) ? dropThere(git, remotes, mirror, [runId]) : ok(null);
}

/** Forgets the rescued work of the bead that this branch was for: the bead is landed, or its branch is given up. */
export async function dropRescues(git: Git, remotes: Remotes, mirror: Mirror, branch: string): Promise<Result<null>> {
  for (const { runId } of await rescuesFor(git, mirror, branch)) await git({ cwd: mirror.path }, 'update-ref', '-d', rescueRef(runId));
  const there = await rescuesFor(git, mirror, branch);
  return dropThere(
    git,
    remotes,
    mirror,
    there.map(({ runId }) => runId),
  );
}

async function dropThere(git: Git, remotes: Remotes, mirror: Mirror, runIds: readonly string[]): Promise<Result<null>> {
  if (runIds.length === 0) return ok(null);
  const gone = await pushRefs(
    remotes,
    mirror,
    runIds.map((runId) => `:${rescueRef(runId)}`),
  );
  if (!gone.ok) return gone;
  if (!gone.value.ok && !/remote ref does not exist|unable to delete/i.test(`${gone.value.error}\n${gone.value.out}`))
    return refuse(pushFailure(gone.value, 'Could not delete rescued work'));
  for (const runId of runIds) await git({ cwd: mirror.path }, 'update-ref', '-d', rescuedThereRef(runId));
  return ok(null);
}

const pushRefs = (remotes: Remotes, mirror: Mirror, refspecs: readonly string[]): Promise<Result<GitOutput>> =>
  remotes.run(mirror.rigId, mirror.gitUrl, { cwd: mirror.path, timeoutMs: pushTime }, (url) => [
    'push',
    '--porcelain',
    '--no-verify',
    '--',
    url,
    ...refspecs,
  ]);

/** Deletes a work branch if it still is what was landed; a branch that somebody went on with, or that is gone, is left alone. */
export async function deleteWorkBranch(git: Git, remotes: Remotes, mirror: Mirror, branch: string, head: Sha): Promise<Result<null>> {
  if (parseWorkBranch(branch) === null) return refuse(failure('push_refused', `"${branch}" is not a work branch of this town.`));
  const lease = `--force-with-lease=${branchRef(branch)}:${head}`;
  const output = await remotes.run(mirror.rigId, mirror.gitUrl, { cwd: mirror.path, timeoutMs: pushTime }, (url) => [
    'push',
    '--porcelain',
    '--no-verify',
    lease,
    '--',
    url,
    `:${branchRef(branch)}`,
  ]);
  if (!output.ok) return output;
  const words = `${output.value.error}\n${output.value.out}`;
  const settled = output.value.ok || /stale info|remote ref does not exist/i.test(words);
  // Somebody writes it at this moment: what became of it shows at the next try.
  if (!settled && !saysLocked(words) && /cannot lock ref|failed to update ref/i.test(words))
    return refuse(failure('git_failed', `${branch} could not be deleted: the repository is busy with it.`));
  if (!settled) return refuse(pushFailure({ ...output.value, error: words }, `Could not delete ${branch}`));
  await git({ cwd: mirror.path }, 'update-ref', '-d', remoteRef(branch), head);
  await git({ cwd: mirror.path }, 'update-ref', '-d', branchRef(branch), head);
  await releaseBranch(git, mirror, branch);
  return ok(null);
}
