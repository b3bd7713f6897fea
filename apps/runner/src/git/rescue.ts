import { join } from 'node:path';
import { parseWorkBranch, Sha } from '@gastown/protocol';
import type { RunId } from '@gastown/protocol';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import { commitOf, rescueRef } from './refs.ts';
import { lines } from './remote.ts';
import { AGENT_EMAIL } from './signature.ts';
import type { Worktree } from './worktree.ts';

/** Work that a run did not commit, kept as a commit on top of what it had committed. */
export interface Rescue {
  readonly ref: string;
  readonly runId: string;
  readonly commit: Sha;
}

const NOBODY = {
  GIT_AUTHOR_NAME: 'gastown',
  GIT_AUTHOR_EMAIL: AGENT_EMAIL,
  GIT_COMMITTER_NAME: 'gastown',
  GIT_COMMITTER_EMAIL: AGENT_EMAIL,
};

/**
 * Makes a commit of the files as they are, under the run's rescue ref of the worktree's own repository. Uses an index of its own, so that a git command of the agent in the same moment is
 * not disturbed. The same state again gives the same commit. Null: there is nothing to keep; `failed`: there may be, and it could not be kept whole.
 */
export async function rescueWork({ git, path, runId, branch }: Worktree): Promise<Sha | 'failed' | null> {
  const cwd = path;
  const status = await git({ cwd }, 'status', '--porcelain', '--untracked-files=normal');
  if (!status.ok) return 'failed';
  if (status.out === '') return null;
  const environment = { GIT_INDEX_FILE: join(path, '.git', 'rescue-index'), ...NOBODY };
  const head = await commitOf(git, cwd, 'HEAD');
  await git({ cwd, environment }, 'read-tree', head ?? '--empty');
  const added = await git({ cwd, environment }, 'add', '--all', '--ignore-errors');
  const tree = await git({ cwd, environment }, 'write-tree');
  if (!tree.ok) return 'failed';
  const before = await git({ cwd }, 'log', '-1', '--format=%T %P', rescueRef(runId), '--');
  const same = before.out.trim() === `${tree.out.trim()} ${head ?? ''}`.trim();
  const kept = same ? true : await commitTree({ git, cwd, environment, runId, branch }, head, tree.out.trim());
  const rescued = kept ? await commitOf(git, cwd, rescueRef(runId)) : null;
  return rescued !== null && added.ok ? rescued : 'failed';
}

interface Committing {
  readonly git: Git;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly runId: RunId;
  readonly branch: string;
}

const TRAILER = 'Work-Branch';

async function commitTree({ git, cwd, environment, runId, branch }: Committing, head: Sha | null, tree: string): Promise<boolean> {
  const message = `Work in progress of ${runId}\n\n${TRAILER}: ${branch}\n`;
  const made = await git({ cwd, environment }, 'commit-tree', '-m', message, ...(head === null ? [] : ['-p', head]), tree);
  return made.ok && (await git({ cwd }, 'update-ref', rescueRef(runId), made.out.trim())).ok;
}

/** Rescued work of the bead that this work branch is for, oldest first; on this machine and in the repository. */
export async function rescuesFor(git: Git, mirror: Mirror, branch: string): Promise<Rescue[]> {
  const format = `%(objectname) %(refname) %(trailers:key=${TRAILER},valueonly,separator=%x20)`;
  const listed = await git({ cwd: mirror.path }, 'for-each-ref', '--sort=committerdate', `--format=${format}`, ...RESCUES);
  const bead = parseWorkBranch(branch)?.bead8;
  return lines(listed.out).flatMap((line) => {
    const [commit = '', ref = '', of = ''] = line.split(' ');
    const sha = Sha.safeParse(commit);
    const ours = bead !== undefined && parseWorkBranch(of)?.bead8 === bead;
    return sha.success && ours ? [{ ref, runId: ref.slice(ref.lastIndexOf('/') + 1), commit: sha.data }] : [];
  });
}

const RESCUES = ['refs/gastown/rescue', 'refs/gastown/there'];

/** `refs`: what the mirror holds; without any rescued work git need not be asked. */
export async function newestRescue(git: Git, mirror: Mirror, branch: string, refs: readonly string[]): Promise<Rescue | null> {
  if (!refs.some((ref) => RESCUES.some((folder) => ref.startsWith(`${folder}/`)))) return null;
  const found = (await rescuesFor(git, mirror, branch)).at(-1);
  return found === undefined ? null : { ...found, ref: rescueRef(found.runId) };
}
