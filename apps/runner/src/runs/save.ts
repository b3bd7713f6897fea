import { failure, refuse } from '@gastown/protocol';
import type { Failure, Result, RigId, Sha } from '@gastown/protocol';
import type { Holds } from '../agents/holds.ts';
import type { Git } from '../git/git.ts';
import type { Mirror } from '../git/mirror.ts';
import { takeCommits, takeWork } from '../git/take.ts';
import type { Kept } from '../git/take.ts';
import { isOwnWork } from '../git/target.ts';
import type { Worktree } from '../git/worktree.ts';
import { pushOwnWork, pushRescue } from '../git/push.ts';
import { commitOf, remoteRef, rescueRef } from '../git/refs.ts';
import type { Remotes } from '../git/remote.ts';
import { keepAside } from '../git/rescue.ts';
import { sendNewObjects } from '../lfs/hand-in.ts';
import type { Log } from '../system/log.ts';
import { makeRepeater } from '../system/repeater.ts';

/**
 * Keeps one run's work, in two halves: everything in the mirror, then its commits in the repository, so that a lost disk loses the last edits only (architecture §4). A repository that does not answer holds up
 * the second half alone. Best effort: a failure is logged and the work goes on.
 *
 * Owns what the repository is known to hold of the branch. A push replaces exactly that and nothing else: a branch that was deleted is never made again (BR-6), and
 * work that another run pushed is not overwritten. After the hand-in nothing is pushed: the branch belongs to the merge.
 */
export interface Saver {
  /** One at a time; asked again meanwhile, one more follows. Resolves after both halves; never rejects. */
  save(why: SaveWhy): Promise<void>;
  /** Resolves when what was asked for so far is in the mirror. */
  kept(): Promise<void>;
  /** `done` is looked at: pushes wait, but for the one at the end of the run, and those under way are over when this resolves. */
  holdForDone(): Promise<void>;
  /** Pushes what is handed in. A branch that was deleted is made again: the agent says that this is to land. */
  handIn(head: Sha): Promise<Result<null>>;
  /** The town took it: nothing is pushed any more. */
  handedIn(): void;
  /** Refused: the work goes on, from what was pushed for it, and what waited is pushed. */
  goOn(): void;
  /** The branch is landed or deleted. */
  retire(): void;
  /** Whether the branch still is the run's to push: it is not the merge's, perhaps, and not gone. */
  mayPush(): boolean;
  readonly rigId: RigId;
  readonly branch: string;
}

/** From what keeps the least to what keeps all: commits; with what is not committed; and that in the repository too. */
const WHYS = ['checkpoint', 'turn', 'end'] as const;
type SaveWhy = (typeof WHYS)[number];
const stronger = (one: SaveWhy, other: SaveWhy): SaveWhy => (WHYS.indexOf(one) > WHYS.indexOf(other) ? one : other);

export interface SaveSurroundings {
  readonly git: Git;
  readonly remotes: Remotes;
  readonly holding: Holds['holding'];
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
  const { mirror, worktree, targetBranch } = wish;
  const { branch, runId } = worktree;
  const tried = new Set<Sha>();
  let pushed = await commitOf(git, mirror.path, remoteRef(branch));
  let latest: Kept = { head: null, rescued: null, whole: true };
  let held: 'no' | 'looked at' | 'handed in' = 'no';
  /** What is offered to the town: it may have taken it already. */
  let offered: Sha | null = null;
  let waiting: SaveWhy | null = null;
  let retired = false;

  const failed = (why: string, { code, message }: Failure): void => around.log('run.save_failed', { runId, branch, why, code, message });
  const asFailure = (cause: unknown): Failure => failure('internal', cause instanceof Error ? cause.message : String(cause));
  const guarded =
    (job: (why: SaveWhy) => Promise<void>) =>
    (why: SaveWhy): Promise<void> =>
      job(why).catch((cause: unknown) => failed(why, asFailure(cause)));

  /** Its work is landed, or given up: what lay beside it was forgotten with it, and is not to come back. */
  const isOver = (): boolean => retired && held === 'handed in';
  const forget = async (): Promise<void> => {
    latest = { ...latest, rescued: null };
    await git({ cwd: mirror.path }, 'update-ref', '-d', rescueRef(runId));
  };
  const keepNow = async (why: SaveWhy): Promise<void> => {
    if ((retired && why !== 'end') || isOver()) return;
    if (why === 'checkpoint') {
      const head = await takeCommits(git, mirror, worktree);
      if (!head.ok) return failed(why, head.failure);
      latest = { ...latest, head: head.value };
      return;
    }
    const work = await takeWork(git, mirror, worktree);
    if (!work.ok) return failed(why, work.failure);
    latest = work.value;
    if (isOver()) return forget();
    if (latest.rescued === 'failed')
      around.log('run.not_rescued', { runId, message: 'Work that is on no branch could not be kept whole.' });
    if (!latest.whole) around.log('run.not_rescued', { runId, message: 'Files in Git LFS could not be taken over from its worktree.' });
  };
  const keep = guarded((why) => around.holding(worktree.cell.name, () => keepNow(why)));

  const sendFiles = async (why: SaveWhy, commit: Sha): Promise<void> => {
    const sent = await sendNewObjects(git, remotes, mirror, commit).catch((cause: unknown) => refuse(asFailure(cause)));
    if (!sent.ok) failed(`${why}, files in Git LFS`, sent.failure);
  };
  const pushOwn = async (head: Sha, makeAgain: boolean): Promise<Result<null>> => {
    tried.add(head);
    const sent = await pushOwnWork(git, remotes, mirror, { branch, head, expected: pushed, tried, makeAgain });
    if (sent.ok) pushed = head;
    return sent;
  };
  /** What is rescued already stays, whether this is added to it or not. */
  const putBeside = async (head: Sha): Promise<void> => {
    const beside = await keepAside(git, mirror, worktree, head);
    if (beside === null) around.log('run.not_rescued', { runId, commit: head, message: 'Commits could not be kept beside the branch.' });
    else latest = { ...latest, rescued: beside };
  };
  const pushBranch = async (why: SaveWhy): Promise<void> => {
    const { head } = latest;
    // What is offered is being pushed, or was.
    if (held === 'looked at' && (why !== 'end' || head === offered)) {
      waiting = waiting === null ? why : stronger(waiting, why);
      return;
    }
    if (held === 'handed in' || retired || head === null || head === pushed) return;
    const own = await isOwnWork(git, mirror, targetBranch, head);
    if (!own.ok) return failed(why, own.failure);
    if (!own.value) return;
    if (held === 'looked at' && offered !== null) {
      // The branch is the merge's, perhaps: what came after it goes beside.
      return putBeside(head);
    }
    // Without them the commits are worth keeping all the same: it is no branch that anybody builds on.
    await sendFiles(why, head);
    const sent = await pushOwn(head, false);
    if (sent.ok) return around.log('run.saved', { runId, branch, why, commit: head });
    failed(why, sent.failure);
    if (sent.failure.code === 'branch_missing') retired = true;
    // Another run or a person went on with the branch: what it lacks does not stay on this disk alone.
    if (why === 'end' && sent.failure.code === 'target_moved') await putBeside(head);
  };
  const push = guarded(async (why) => {
    await pushBranch(why);
    const { rescued } = latest;
    if (why !== 'end' || rescued === null || rescued === 'failed') return;
    await sendFiles(why, rescued);
    const sent = await pushRescue(git, remotes, mirror, runId, rescued);
    if (!sent.ok) around.log('run.rescue_not_pushed', { runId, code: sent.failure.code, message: sent.failure.message });
  });

  const keeping = makeRepeater(keep, stronger);
  const pushing = makeRepeater(push, stronger);
  return {
    rigId: mirror.rigId,
    branch,
    save: (why) => keeping.ask(why).then(() => pushing.ask(why)),
    kept: keeping.idle,
    async holdForDone() {
      held = 'looked at';
      await keeping.idle();
      await pushing.idle();
    },
    handIn(head) {
      offered = head;
      return pushOwn(head, true);
    },
    handedIn() {
      held = 'handed in';
    },
    goOn() {
      held = 'no';
      offered = null;
      if (waiting !== null) void pushing.ask(waiting);
      waiting = null;
    },
    retire() {
      retired = true;
    },
    mayPush: () => held === 'no' && !retired,
  };
}
