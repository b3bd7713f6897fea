import type { Failure, RigId, Sha } from '@gastown/protocol';
import type { Git } from '../git/git.ts';
import type { Mirror } from '../git/mirror.ts';
import { takeCommits, takeRescue } from '../git/take.ts';
import type { Worktree } from '../git/worktree.ts';
import { fetchTarget, pushWorkBranch } from '../git/push.ts';
import { commitOf, isAncestor, remoteRef } from '../git/refs.ts';
import type { Remotes } from '../git/remote.ts';
import { sendNewObjects } from '../lfs/hand-in.ts';
import type { Log } from '../system/log.ts';

/**
 * Keeps one run's work: its commits in the mirror and in the repository, so that a lost disk loses the last edits only (architecture §4), and what is not committed in the mirror. Best effort: a
 * failure is logged and the work goes on.
 *
 * Owns what the repository is known to hold of the branch. A push replaces exactly that and nothing else: a branch that was deleted is never made again (BR-6), and
 * work that another run pushed is not overwritten. After the hand-in nothing is pushed: the branch belongs to the merge.
 */
export interface Saver {
  /** One push at a time; asked again meanwhile, one more follows. Never rejects. */
  save(why: 'turn' | 'checkpoint' | 'end'): Promise<void>;
  /** `done` is looked at: pushes wait, and those under way are over when this resolves. */
  holdForDone(): Promise<void>;
  /** Refused: the work goes on, from what was pushed for it. */
  goOn(): Promise<void>;
  /** The branch is landed or deleted. */
  retire(): void;
  readonly rigId: RigId;
  readonly branch: string;
}

export interface SaveSurroundings {
  readonly git: Git;
  readonly remotes: Remotes;
  readonly log: Log;
}

export interface SaveWish {
  readonly mirror: Mirror;
  readonly worktree: Worktree;
  readonly targetBranch: string;
}

/** To be called when the mirror was just fetched. */
export async function makeSaver(around: SaveSurroundings, wish: SaveWish): Promise<Saver> {
  const { git, remotes } = around;
  const { mirror, worktree } = wish;
  const { branch, runId } = worktree;
  const known = (): Promise<Sha | null> => commitOf(git, mirror.path, remoteRef(branch));
  let pushed = await known();
  let held = false;
  let retired = false;
  let running: Promise<void> = Promise.resolve();
  let following: Promise<void> | null = null;

  const failed = (why: string, { code, message }: Failure): void => around.log('run.save_failed', { runId, branch, why, code, message });

  const keepUncommitted = async (): Promise<void> => {
    if ((await takeRescue(git, mirror, worktree)) === 'failed')
      around.log('run.not_rescued', { runId, message: 'Uncommitted work could not be kept whole.' });
  };

  const saveNow = async (why: string): Promise<void> => {
    if (held || retired) return;
    const taken = await takeCommits(git, mirror, worktree);
    if (!taken.ok) return failed(why, taken.failure);
    if (why !== 'checkpoint') await keepUncommitted();
    const head = taken.value;
    if (head === null || head === pushed || !(await isOwnWork(git, wish, head))) return;
    // Without them the commits are worth keeping all the same: it is no branch that anybody builds on.
    const sent = await sendNewObjects(git, remotes, mirror, head);
    if (!sent.ok) failed(`${why}, files in Git LFS`, sent.failure);
    let saved = await pushWorkBranch(git, remotes, mirror, branch, head, { expected: pushed });
    if (!saved.ok && saved.failure.code === 'target_moved') {
      const there = await fetchTarget(git, remotes, mirror, branch);
      if (!there.ok) return failed(why, there.failure);
      if (there.value === null && pushed !== null) retired = true;
      if (there.value === null || !(await isAncestor(git, mirror.path, there.value, head))) return failed(why, saved.failure);
      // An earlier run's last push arrived after this one began: ours goes on from it.
      pushed = there.value;
      saved = await pushWorkBranch(git, remotes, mirror, branch, head, { expected: pushed });
    }
    if (!saved.ok) return failed(why, saved.failure);
    pushed = head;
    around.log('run.saved', { runId, branch, why, commit: head });
  };
  const guarded = (why: string): Promise<void> =>
    saveNow(why).catch((error: unknown) =>
      failed(why, { code: 'internal', message: error instanceof Error ? error.message : String(error) }),
    );

  return {
    rigId: mirror.rigId,
    branch,
    save(why) {
      following ??= running.then(() => {
        following = null;
        running = guarded(why);
        return running;
      });
      return following;
    },
    async holdForDone() {
      held = true;
      await (following ?? running);
    },
    async goOn() {
      pushed = (await known()) ?? pushed;
      held = false;
    },
    retire() {
      retired = true;
    },
  };
}

/**
 * Commits that the target lacks. In an empty repository nothing is saved: many forges make the first branch that comes the default one, and that must be
 * the landed one (AG-19).
 */
async function isOwnWork(git: Git, { mirror, targetBranch }: SaveWish, head: Sha): Promise<boolean> {
  const target = await commitOf(git, mirror.path, remoteRef(targetBranch));
  return target !== null && !(await isAncestor(git, mirror.path, head, target));
}
