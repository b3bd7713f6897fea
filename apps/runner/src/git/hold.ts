import { failure, ok, refuse, RunId } from '@gastown/protocol';
import type { Result, Sha } from '@gastown/protocol';
import { gitFailure } from './failures.ts';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import { branchRef, heldFolder, heldRef, isAncestor, pushedRef } from './refs.ts';
import { lines } from './remote.ts';

/**
 * Which run may move a work branch in the mirror: the one that was prepared on it last, and from where it knows the branch to be. So commits of an earlier run that come late neither get under those of
 * the next nor are replaced by them. It is kept as refs, that what a killed runner left is judged by the same.
 */
interface Holder {
  readonly runId: RunId;
  /** Where it knows the branch to be; null: nowhere yet. */
  readonly at: Sha | null;
}

export interface Branch {
  /** Null: it is not there. */
  readonly at: Sha | null;
  readonly holders: readonly Holder[];
  /** What the repository was known to have of it; undefined: nobody knows. */
  readonly pushed: Sha | null | undefined;
}

/** What stands in a ref for "nothing yet". */
const NOTHING = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const ABSENT = '0'.repeat(40);

export async function branchIn(git: Git, cwd: string, branch: string): Promise<Branch> {
  const wanted = [branchRef(branch), heldFolder(branch), pushedRef(branch)];
  const listed = await git({ cwd }, 'for-each-ref', '--format=%(refname) %(objectname)', ...wanted);
  const found = new Map(lines(listed.out).map((line) => line.split(' ') as [string, string]));
  const at = (ref: string): Sha | null => (found.get(ref) === NOTHING ? null : (found.get(ref) ?? null));
  const holders = [...found.keys()].flatMap((ref) => {
    const runId = RunId.safeParse(ref.slice(ref.lastIndexOf('/') + 1));
    return ref.startsWith(`${heldFolder(branch)}/`) && runId.success ? [{ runId: runId.data, at: at(ref) }] : [];
  });
  return { at: at(branchRef(branch)), holders, pushed: found.has(pushedRef(branch)) ? at(pushedRef(branch)) : undefined };
}

export interface HoldWish {
  readonly branch: string;
  readonly runId: RunId;
  /** Where the run begins; null: an empty repository. */
  readonly start: Sha | null;
  /** What the repository has of the branch. */
  readonly pushed: Sha | null;
}

/** The run has the branch from now on, and who had it before has it no more. */
export async function holdBranch(git: Git, mirror: Mirror, { branch, runId, start, pushed }: HoldWish): Promise<Result<null>> {
  const { holders } = await branchIn(git, mirror.path, branch);
  await git({ cwd: mirror.path, input: '' }, 'mktree');
  return change(git, mirror, [
    ...(start === null ? [] : [`update ${branchRef(branch)} ${start}`]),
    ...holders.filter((other) => other.runId !== runId).map((other) => `delete ${heldRef(branch, other.runId)}`),
    `update ${heldRef(branch, runId)} ${start ?? NOTHING}`,
    `update ${pushedRef(branch)} ${pushed ?? NOTHING}`,
  ]);
}

/** Moves the branch to what the run made of it. `target_moved`: the run has it no more. */
export async function moveBranch(
  git: Git,
  mirror: Mirror,
  { branch, runId }: { branch: string; runId: RunId },
  to: Sha,
): Promise<Result<null>> {
  const { at, holders } = await branchIn(git, mirror.path, branch);
  const own = holders.find((holder) => holder.runId === runId);
  const anothers = own === undefined && holders.length > 0;
  const asKnown = at === null || own?.at === at;
  if (anothers || !(asKnown || (await isAncestor(git, mirror.path, at, to))))
    return refuse(failure('target_moved', `${branch} belongs to another run now.`));
  return change(git, mirror, [`update ${branchRef(branch)} ${to} ${at ?? ABSENT}`, `update ${heldRef(branch, runId)} ${to}`]);
}

/** The branch is gone from the repository: nobody has it. */
export async function releaseBranch(git: Git, mirror: Mirror, branch: string): Promise<void> {
  const { holders, pushed } = await branchIn(git, mirror.path, branch);
  await change(git, mirror, [
    ...holders.map(({ runId }) => `delete ${heldRef(branch, runId)}`),
    ...(pushed === undefined ? [] : [`delete ${pushedRef(branch)}`]),
  ]);
}

/** All of it or nothing. */
async function change(git: Git, mirror: Mirror, orders: readonly string[]): Promise<Result<null>> {
  const done = await git({ cwd: mirror.path, input: orders.map((order) => `${order}\n`).join('') }, 'update-ref', '--stdin');
  return done.ok ? ok(null) : refuse(gitFailure(done, 'The work branch could not be moved'));
}
