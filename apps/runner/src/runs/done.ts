import { failure, ok, refuse } from '@gastown/protocol';
import type { DoneEvidence, Result } from '@gastown/protocol';
import { gitFailure } from '../git/failures.ts';
import type { Git } from '../git/git.ts';
import type { Mirror } from '../git/mirror.ts';
import { fetchTarget, pushWorkBranch } from '../git/push.ts';
import { branchRef, commitOf, commitsBetween } from '../git/refs.ts';
import type { Remotes } from '../git/remote.ts';
import { tidyMirror } from '../git/tidy.ts';

export interface DoneWish {
  readonly worktree: string;
  readonly branch: string;
  readonly targetBranch: string;
  readonly noChanges: boolean;
}

const MOST_COMMITS = 500;

/**
 * Looks with our own eyes before an agent's "done" is believed: everything committed, something to land, and the branch in the repository.
 * Each refusal says what the agent has to do. Null evidence: nothing to land, as the agent says.
 */
export async function lookAtDone(git: Git, remotes: Remotes, mirror: Mirror, wish: DoneWish): Promise<Result<DoneEvidence | null>> {
  await tidyMirror(git, mirror.path);
  const onBranch = await git({ cwd: wish.worktree }, 'symbolic-ref', '--quiet', 'HEAD');
  if (onBranch.out.trim() !== branchRef(wish.branch)) {
    return refuse(
      failure(
        'not_pushed',
        `Your worktree is not on its branch ${wish.branch}. Bring your commits there (git checkout ${wish.branch}, then merge or cherry-pick), and call again.`,
      ),
    );
  }
  const status = await git({ cwd: wish.worktree }, 'status', '--porcelain');
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
  const head = await commitOf(git, wish.worktree, 'HEAD');
  const target = await fetchTarget(git, remotes, mirror, wish.targetBranch);
  if (!target.ok) return notPushed(target.failure.message);
  const { ahead, commits } =
    head === null ? { ahead: 0, commits: [] } : await commitsBetween(git, mirror.path, target.value, head, MOST_COMMITS);
  if (head === null || ahead === 0)
    return wish.noChanges
      ? ok(null)
      : refuse(
          failure(
            'nothing_done',
            `${wish.branch} has no commit beyond ${wish.targetBranch}. Commit your work, or call again with no_changes and the reason.`,
          ),
        );
  if (wish.noChanges) return ok(null);
  const pushed = await pushWorkBranch(git, remotes, mirror, wish.branch, head);
  return pushed.ok ? ok({ branch: wish.branch, headCommit: head, ahead, commits }) : notPushed(pushed.failure.message);
}

const notPushed = (reason: string): Result<never> => refuse(failure('not_pushed', `The branch could not be handed in: ${reason}`));
