import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Result, RunId, Sha } from '@gastown/protocol';
import { gitFailure } from './failures.ts';
import type { Git, GitOutput } from './git.ts';
import type { Mirror } from './mirror.ts';
import { branchRef, commitOf, isAncestor, isBranchName, remoteRef, rescueRef } from './refs.ts';

/** Who signs the commits of a worktree: the author is the person, the committer the agent (GT-11). */
export interface Signature {
  readonly gitName: string;
  readonly gitEmail: string;
  readonly agentName: string;
}
export const AGENT_EMAIL = 'polecat@gastown.invalid';
export const committerName = (agentName: string): string => `${agentName} (Polecat)`;

export interface WorktreeWish {
  readonly path: string;
  readonly branch: string;
  readonly targetBranch: string;
  /** Where earlier work of the same bead may be: a branch or a commit. */
  readonly startFrom: string | null;
  readonly signature: Signature;
}

export interface Worktree {
  readonly path: string;
  /** Earlier work was found and is checked out. */
  readonly continued: boolean;
}

const step = (output: GitOutput): Result<null> => (output.ok ? ok(null) : refuse(gitFailure(output, 'The worktree could not be prepared')));

/**
 * Makes the worktree of one run on its work branch. What an earlier try left half made (a folder without its entry, an entry without its folder, a
 * branch that is checked out by a dead worktree) is cleared first, so the same call may be repeated at any point.
 */
export async function prepareWorktree(git: Git, mirror: Mirror, wish: WorktreeWish): Promise<Result<Worktree>> {
  for (const name of [wish.branch, wish.targetBranch]) {
    if (!(await isBranchName(git, mirror.path, name))) return refuse(failure('setup_failed', `"${name}" is not a branch name.`));
  }
  await removeWorktree(git, mirror.path, wish.path);
  await mkdir(join(wish.path, '..'), { recursive: true });
  await freeBranch(git, mirror, wish.branch);
  const start = await startingPoint(git, mirror, wish);
  const added = start.commit === null ? await addUnborn(git, mirror, wish) : await addAt(git, mirror, wish, start.commit);
  if (!added.ok) return added;
  const signed = await sign(git, wish);
  return signed.ok ? ok({ path: wish.path, continued: start.continued }) : signed;
}

/** The bead's own branch if there is one (rework goes on where it stopped), else the head of the target, else nothing: an empty repository. */
async function startingPoint(git: Git, mirror: Mirror, wish: WorktreeWish): Promise<{ commit: Sha | null; continued: boolean }> {
  const earlier = [wish.branch, wish.startFrom].filter((name) => name !== null);
  for (const name of earlier) {
    const own = await commitOf(git, mirror.path, branchRef(name));
    const pushed = await commitOf(git, mirror.path, remoteRef(name));
    const known = own !== null && pushed !== null ? ((await isAncestor(git, mirror.path, own, pushed)) ? pushed : own) : (own ?? pushed);
    if (known !== null) return { commit: known, continued: name !== wish.targetBranch };
  }
  const exact = wish.startFrom === null ? null : await commitOf(git, mirror.path, wish.startFrom);
  return exact === null
    ? { commit: await commitOf(git, mirror.path, remoteRef(wish.targetBranch)), continued: false }
    : { commit: exact, continued: true };
}

/** An older run may still hold the branch: it is over, so its worktree lets go. Nothing in it is changed. */
async function freeBranch(git: Git, mirror: Mirror, branch: string): Promise<void> {
  const listed = await git({ cwd: mirror.path }, 'worktree', 'list', '--porcelain', '-z');
  for (const entry of listed.out.split('\0\0')) {
    const fields = entry.split('\0');
    const path = fields.find((field) => field.startsWith('worktree '))?.slice('worktree '.length);
    if (path !== undefined && fields.includes(`branch ${branchRef(branch)}`)) await git({ cwd: path }, 'checkout', '--quiet', '--detach');
  }
}

async function addAt(git: Git, mirror: Mirror, wish: WorktreeWish, commit: Sha): Promise<Result<null>> {
  return step(await git({ cwd: mirror.path }, 'worktree', 'add', '--force', '--quiet', '-B', wish.branch, '--', wish.path, commit));
}

/** A worktree needs a commit to begin with; in an empty repository it begins on a placeholder that no branch ever holds (AG-19). */
async function addUnborn(git: Git, mirror: Mirror, wish: WorktreeWish): Promise<Result<null>> {
  const cwd = mirror.path;
  const tree = await git({ cwd, input: '' }, 'mktree');
  const nobody = {
    GIT_AUTHOR_NAME: 'gastown',
    GIT_AUTHOR_EMAIL: AGENT_EMAIL,
    GIT_COMMITTER_NAME: 'gastown',
    GIT_COMMITTER_EMAIL: AGENT_EMAIL,
  };
  const placeholder = await git({ cwd, environment: nobody }, 'commit-tree', '-m', 'placeholder', tree.out.trim());
  if (!placeholder.ok) return step(placeholder);
  const added = await git(
    { cwd },
    'worktree',
    'add',
    '--force',
    '--quiet',
    '--detach',
    '--no-checkout',
    '--',
    wish.path,
    placeholder.out.trim(),
  );
  if (!added.ok) return step(added);
  const unborn = await git({ cwd: wish.path }, 'symbolic-ref', 'HEAD', branchRef(wish.branch));
  return unborn.ok ? step(await git({ cwd: wish.path }, 'read-tree', '--empty')) : step(unborn);
}

async function sign(git: Git, { path, signature }: WorktreeWish): Promise<Result<null>> {
  const committer = committerName(signature.agentName);
  const settings = {
    'user.name': committer,
    'user.email': AGENT_EMAIL,
    'author.name': signature.gitName,
    'author.email': signature.gitEmail,
    'committer.name': committer,
    'committer.email': AGENT_EMAIL,
    'push.default': 'current',
    'commit.gpgSign': 'false',
  };
  for (const [key, value] of Object.entries(settings)) {
    const output = await git({ cwd: path }, 'config', '--worktree', key, value);
    if (!output.ok) return step(output);
  }
  return ok(null);
}

/** Removes folder and entry, whatever state they are in. The branch stays. */
export async function removeWorktree(git: Git, mirrorPath: string, path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
  await git({ cwd: mirrorPath }, 'worktree', 'unlock', path);
  await git({ cwd: mirrorPath }, 'worktree', 'prune', '--expire=now');
}

/**
 * Keeps what a run did not commit: the state of its files becomes a commit under `refs/gastown/rescue/<run>`. Uses an index of its own, so that a git
 * command of the agent in the same moment is not disturbed. Null: there was nothing to keep; `failed`: there may be, and it could not be kept whole.
 */
export async function rescueWork(git: Git, path: string, runId: RunId): Promise<Sha | 'failed' | null> {
  const there = await stat(join(path, '.git')).catch(() => null);
  if (there === null) return null;
  const status = await git({ cwd: path }, 'status', '--porcelain');
  if (!status.ok) return 'failed';
  if (status.out === '') return null;
  const gitFolder = (await git({ cwd: path }, 'rev-parse', '--absolute-git-dir')).out.trim();
  const environment = {
    GIT_INDEX_FILE: join(gitFolder, 'rescue-index'),
    GIT_AUTHOR_NAME: 'gastown',
    GIT_AUTHOR_EMAIL: AGENT_EMAIL,
    GIT_COMMITTER_NAME: 'gastown',
    GIT_COMMITTER_EMAIL: AGENT_EMAIL,
  };
  const head = await commitOf(git, path, 'HEAD');
  if (head !== null) await git({ cwd: path, environment }, 'read-tree', head);
  const added = await git({ cwd: path, environment }, 'add', '--all', '--ignore-errors');
  const tree = await git({ cwd: path, environment }, 'write-tree');
  if (!tree.ok) return 'failed';
  const commit = await git(
    { cwd: path, environment },
    'commit-tree',
    '-m',
    `Work in progress of ${runId}`,
    ...(head === null ? [] : ['-p', head]),
    tree.out.trim(),
  );
  const kept = commit.ok && (await git({ cwd: path }, 'update-ref', rescueRef(runId), commit.out.trim())).ok;
  const rescued = kept ? await commitOf(git, path, rescueRef(runId)) : null;
  return rescued !== null && added.ok ? rescued : 'failed';
}

export const foldersIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
