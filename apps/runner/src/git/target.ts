import { ok, parseWorkBranch, refuse, targetMissing } from '@gastown/protocol';
import type { Result, Sha } from '@gastown/protocol';
import { gitFailure, pushFailure } from './failures.ts';
import { fetchRefs } from './fetch.ts';
import type { Git } from './git.ts';
import { headsOf } from './heads.ts';
import type { Mirror } from './mirror.ts';
import { branchRef, commitOf, isAncestor, remoteRef } from './refs.ts';
import { lines } from './remote.ts';
import type { Remotes } from './remote.ts';

/**
 * Has it commits that the target lacks? In an empty repository nothing is saved: many forges make the first branch that comes the default one, and that must be
 * the landed one (AG-19).
 */
export async function isOwnWork(git: Git, { path: cwd }: Mirror, targetBranch: string, head: Sha): Promise<Result<boolean>> {
  const target = await commitOf(git, cwd, remoteRef(targetBranch));
  return target === null ? hasMoreThanAll(git, cwd, head) : ok(!(await isAncestor(git, cwd, head, target)));
}

/** The target was renamed or deleted, or there never was one: has it commits that no branch of the repository has? */
async function hasMoreThanAll(git: Git, cwd: string, head: Sha): Promise<Result<boolean>> {
  const folder = remoteRef('');
  const listed = await git({ cwd }, 'for-each-ref', '--format=%(objectname) %(refname)', folder);
  if (!listed.ok) return refuse(gitFailure(listed, 'Could not read the branches'));
  const heads = lines(listed.out).filter((line) => parseWorkBranch(line.slice(41 + folder.length)) === null);
  if (heads.length === 0) return ok(false);
  const range = [head, ...heads.map((line) => `^${line.slice(0, 40)}`)].map((word) => `${word}\n`).join('');
  const more = await git({ cwd, input: range }, 'rev-list', '--max-count=1', '--stdin');
  return more.ok ? ok(more.out !== '') : refuse(gitFailure(more, 'Could not compare the commits'));
}

/** The head of a branch in the repository at this moment (null: it does not exist), with its objects in the mirror. */
export async function fetchBranch(git: Git, remotes: Remotes, mirror: Mirror, branch: string): Promise<Result<Sha | null>> {
  const output = await fetchRefs(remotes, mirror, [`+${branchRef(branch)}:${remoteRef(branch)}`]);
  if (!output.ok) return output;
  if (output.value.ok) return ok(await commitOf(git, mirror.path, remoteRef(branch)));
  if (/couldn't find remote ref/i.test(output.value.error)) return ok(null);
  return refuse(pushFailure(output.value, `Could not fetch ${branch}`));
}

/** The same of the branch that is landed on. Null: the repository is empty, and is to begin. `target_missing`: what would land there has nothing to stand on. */
export async function fetchTarget(git: Git, remotes: Remotes, mirror: Mirror, { target, isNew }: TargetWish): Promise<Result<Sha | null>> {
  const fetched = await fetchBranch(git, remotes, mirror, target);
  if (!fetched.ok || fetched.value !== null) return fetched;
  const begins = await mayBegin(remotes, mirror, { target, isNew });
  if (!begins.ok) return begins;
  // It came in the meantime.
  return begins.value === 'is there' ? fetchBranch(git, remotes, mirror, target) : ok(null);
}

/** Is there something to land on, as the mirror knows since it was fetched a moment ago? The repository is asked only where there is not. */
export async function checkTarget(git: Git, remotes: Remotes, mirror: Mirror, wish: TargetWish): Promise<Result<unknown>> {
  return (await commitOf(git, mirror.path, remoteRef(wish.target))) === null ? fetchTarget(git, remotes, mirror, wish) : ok(null);
}

export interface TargetWish {
  readonly target: string;
  /** As the town knows it, the repository never had a commit. */
  readonly isNew: boolean;
}

/**
 * May a first commit make this branch? Only in an empty repository (AG-19), and one that always was: elsewhere the branch was renamed or deleted, and a commit without a parent in its place would be a
 * second history.
 */
export async function mayBegin(remotes: Remotes, mirror: Mirror, { target, isNew }: TargetWish): Promise<Result<'is there' | null>> {
  const listed = await headsOf(remotes, mirror);
  if (!listed.ok) return listed;
  const names = [...listed.value.heads.keys()];
  if (names.includes(target)) return ok('is there');
  if (names.length === 0) return isNew ? ok(null) : refuse(targetMissing(target, null));
  return refuse(targetMissing(target, listed.value.named ?? names[0]!));
}
