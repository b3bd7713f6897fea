import { failure, ok, refuse } from '@gastown/protocol';
import type { Commit, DoneEvidence, Failure, Result, Sha } from '@gastown/protocol';
import { gitFailure } from '../git/failures.ts';
import { markForeign } from '../git/foreign.ts';
import type { Git } from '../git/git.ts';
import type { Mirror } from '../git/mirror.ts';
import { branchRef, commitsBetween } from '../git/refs.ts';
import type { Remotes } from '../git/remote.ts';
import { handInLfs, sendNewObjects } from '../lfs/hand-in.ts';
import { handInModules } from '../modules/hand-in.ts';
import { takeCommits } from '../git/take.ts';
import { fetchTarget } from '../git/target.ts';
import { tidyMirror } from '../git/tidy.ts';
import type { Worktree } from '../git/worktree.ts';

export interface DoneWish {
  readonly worktree: Worktree;
  readonly targetBranch: string;
  /** The repository had no commit when the run began. */
  readonly isNew: boolean;
  readonly noChanges: boolean;
  readonly agentName: string;
  readonly beadId: string | null;
  /** Brings the branch to the repository, where it is not another's by now. */
  readonly push: (head: Sha) => Promise<Result<null>>;
}

const MOST_COMMITS = 500;

/**
 * Looks with our own eyes before an agent's "done" is believed: everything committed, something to land, and the branch in the repository.
 * Each refusal says what the agent has to do. Null evidence: nothing to land, as the agent says.
 */
export async function lookAtDone(git: Git, remotes: Remotes, mirror: Mirror, wish: DoneWish): Promise<Result<DoneEvidence | null>> {
  await tidyMirror(git, mirror.path);
  const { worktree, targetBranch } = wish;
  const { branch, path: cwd } = worktree;
  const onBranch = await worktree.git({ cwd }, 'symbolic-ref', '--quiet', 'HEAD');
  if (onBranch.out.trim() !== branchRef(branch)) {
    return refuse(
      failure(
        'not_pushed',
        `Your worktree is not on its branch ${branch}. Bring your commits there (git checkout ${branch}, then merge or cherry-pick), and call again.`,
      ),
    );
  }
  const status = await worktree.git({ cwd }, 'status', '--porcelain', '--untracked-files=normal');
  if (!status.ok) return notPushed(gitFailure(status, 'the state of your worktree could not be read').message);
  const files = status.out.split('\n').filter((line) => line !== '');
  if (files.length > 0)
    return refuse(
      failure(
        'uncommitted_changes',
        `These changes are not committed:\n${files.slice(0, 30).join('\n')}${files.length > 30 ? `\nand ${files.length - 30} more` : ''}`,
        { files: files.slice(0, 200) },
      ),
    );
  const taken = await takeCommits(git, mirror, worktree);
  if (!taken.ok) return notPushed(reasonOf(taken.failure, branch));
  const head = taken.value;
  const target = await fetchTarget(git, remotes, mirror, { target: targetBranch, isNew: wish.isNew });
  if (!target.ok) return notTaken(target.failure);
  const { ahead, commits } =
    head === null ? { ahead: 0, commits: [] } : await commitsBetween(git, mirror.path, target.value, head, MOST_COMMITS);
  if (head === null || ahead === 0)
    return wish.noChanges
      ? ok(null)
      : refuse(
          failure(
            'nothing_done',
            `${branch} has no commit beyond ${targetBranch}. Commit your work, or call again with no_changes and the reason.`,
          ),
        );
  if (wish.noChanges) return refuse(failure('not_pushed', notUnchanged(ahead, commits, wish)));
  const named = await handInModules({ git, remotes, mirror }, target.value, head);
  if (!named.ok) return named;
  const fit = await handInLfs(git, remotes, mirror, { base: target.value, head, since: 'parting', maker: worktree });
  if (!fit.ok) return notFit(fit.failure);
  // What earlier commits of the branch name is of no use to the target; a forge may want it all the same.
  await sendNewObjects(git, remotes, mirror, head);
  const pushed = await wish.push(head);
  const marked = await markForeign(git, mirror.path, { ...wish, branch }, { base: target.value, head }, commits);
  return pushed.ok ? ok({ branch, headCommit: head, ahead, commits: marked }) : notTaken(pushed.failure, branch);
}

const MOST_NAMED = 5;

/** Nothing is pushed after a hand-in without changes: these would be nobody's. */
function notUnchanged(ahead: number, commits: readonly Commit[], { worktree: { branch }, targetBranch }: DoneWish): string {
  const newest = commits.slice(-MOST_NAMED).map(({ sha, subject }) => `${sha.slice(0, 12)} ${subject}`);
  const [are, them] = ahead === 1 ? ['1 commit', 'it'] : [`${ahead} commits`, 'them'];
  return `${branch} has ${are} beyond ${targetBranch}:\n${newest.join('\n')}${ahead > newest.length ? `\nand ${ahead - newest.length} older` : ''}\nHand ${them} in without no_changes, or take ${them} back (git reset --hard origin/${targetBranch}) and call again.`;
}

const notPushed = (reason: string, details?: Failure['details']): Result<never> =>
  refuse(failure('not_pushed', `The branch could not be handed in: ${reason}`, details));

/** By the repository: the code that says why is kept as the cause. */
const notTaken = (why: Failure, branch = ''): Result<never> => notPushed(reasonOf(why, branch), { ...why.details, cause: why.code });
/** Files of LFS: what the agent has to mend has no other cause. */
const notFit = (why: Failure): Result<never> =>
  refuse({ ...why, code: 'not_pushed', ...(why.code !== 'not_pushed' && { details: { ...why.details, cause: why.code } }) });

const reasonOf = ({ code, message }: Failure, branch: string): string =>
  code === 'target_moved'
    ? `${message} Somebody else went on with it. Run git fetch origin, look at origin/${branch} if it is there, merge what is good into your branch, and call again.`
    : message;
