import { plainLine, Sha } from '@gastown/protocol';
import type { Commit } from '@gastown/protocol';
import type { Git } from './git.ts';

/** The commit that a ref or id names in this repository, null when there is none. */
export async function commitOf(git: Git, cwd: string, ref: string): Promise<Sha | null> {
  const output = await git({ cwd }, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`);
  const parsed = Sha.safeParse(output.out.trim());
  return output.ok && parsed.success ? parsed.data : null;
}

export async function isAncestor(git: Git, cwd: string, older: Sha, newer: Sha): Promise<boolean> {
  return (await git({ cwd }, 'merge-base', '--is-ancestor', older, newer)).exitCode === 0;
}

/** Commits that `head` has and `base` lacks (all of `head`'s when there is no base), oldest first, at most `most` (GT-15). */
export async function commitsBetween(
  git: Git,
  cwd: string,
  base: Sha | null,
  head: Sha,
  most: number,
): Promise<{ ahead: number; commits: Commit[] }> {
  const range = base === null ? [head] : [head, `^${base}`];
  const counted = await git({ cwd }, 'rev-list', '--count', ...range);
  if (!counted.ok) throw new Error(`git rev-list: ${counted.error}`);
  const listed = await git({ cwd }, 'log', `--max-count=${most}`, '--format=%H%x00%s%x00%an%x00%at%x00', ...range);
  // A subject or a name can hold anything but this byte; people read them on one line.
  const fields = listed.out.split('\0');
  const commits = Array.from({ length: Math.floor(fields.length / 4) }, (_, at) => readCommit(fields.slice(at * 4, at * 4 + 4)));
  return { ahead: Number(counted.out.trim()), commits: commits.toReversed() };
}

function readCommit([sha, subject, author, at]: readonly string[]): Commit {
  return {
    sha: Sha.parse(sha?.trim()),
    subject: plainLine((subject ?? '').slice(0, 500)),
    author: plainLine((author ?? '').slice(0, 200)),
    at: timeOf(Number(at)),
  };
}

/** Whoever commits may write any date: one that no clock can have is none. */
function timeOf(seconds: number): number {
  const ms = seconds * 1_000;
  return Number.isSafeInteger(ms) ? ms : 0;
}

export const remoteRef = (branch: string): string => `refs/remotes/origin/${branch}`;
export const branchRef = (branch: string): string => `refs/heads/${branch}`;
export const mergeRef = (mergeId: string): string => `refs/gastown/merges/${mergeId}`;
/** Where a run's commits arrive before its branch moves. */
export const incomingRef = (runId: string): string => `refs/gastown/incoming/${runId}`;
/** Rescued work that the repository holds, as of the last fetch. */
export const rescuedThereRef = (runId: string): string => `refs/gastown/there/${runId}`;
/** Its last part names the run that may move the branch, its value says where that run knows it to be (`hold.ts`). */
export const heldRef = (branch: string, runId: string): string => `${heldFolder(branch)}/${runId}`;
export const heldFolder = (branch: string): string => `refs/gastown/held/${branch}`;
/** What the repository had of the branch when the run that holds it began, or what was pushed for it since. */
export const pushedRef = (branch: string): string => `refs/gastown/pushed/${branch}`;
export const rescueRef = (runId: string): string => `refs/gastown/rescue/${runId}`;

/** A ref is a file of git's: a longer part is no name of one. */
const PART_BYTES = 200;
const MOST_NAMES = 1_000;
const good = new Set<string>();

/**
 * Branch names come from the town and from repositories: only what git itself accepts is used, and takes for no other: `@` is HEAD in most places. Git is asked once for a name that it accepted, for that is so in each
 * repository.
 */
export async function isBranchName(git: Git, cwd: string, name: string): Promise<boolean> {
  if (good.has(name)) return true;
  if (name === '@' || name.startsWith('-') || name.includes('\0') || name.split('/').some((part) => Buffer.byteLength(part) > PART_BYTES))
    return false;
  const told = await git({ cwd }, 'check-ref-format', '--branch', name);
  if (!told.ok || told.out !== `${name}\n`) return false;
  if (good.size >= MOST_NAMES) good.clear();
  good.add(name);
  return true;
}
