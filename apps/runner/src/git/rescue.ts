import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseWorkBranch, Sha } from '@gastown/protocol';
import { runInCell } from '../system/cell.ts';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import { hasNestedWork } from './nested.ts';
import { commitOf, isAncestor, rescueRef } from './refs.ts';
import { lines } from './remote.ts';
import { AGENT_EMAIL } from './signature.ts';
import type { Worktree } from './worktree.ts';

/** Work of a run that its branch does not have, kept as a commit. */
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
 * Makes a commit of what the branch does not get, under the run's rescue ref of the worktree's own repository: the files as they are, on top of what is checked out, and commits that lie elsewhere (another branch, a detached
 * HEAD, a stash, a rebase that was not ended) as further parents. `there`: what the mirror has, and what need not be kept again. Uses an index of its own, so that a git command of the agent in the same moment is not disturbed,
 * and that one which was killed leaves nothing in the way. The same state again gives the same commit. Null: there is nothing to keep; `failed`: there may be, and it could not be kept whole.
 */
export async function rescueWork(worktree: Worktree, there: readonly Sha[]): Promise<Sha | 'failed' | null> {
  const { git, path: cwd, runId } = worktree;
  const status = await git({ cwd }, 'status', '--porcelain', '--untracked-files=normal');
  const elsewhere = await commitsElsewhere(worktree, there);
  if (!status.ok || elsewhere === 'failed') return 'failed';
  if (status.out === '' && elsewhere.length === 0) return null;
  const head = await commitOf(git, cwd, 'HEAD');
  const parents = [...(head === null ? [] : [head]), ...elsewhere.filter((commit) => commit !== head)];
  const tree = status.out === '' && head !== null ? { id: await treeOf(git, cwd, head), whole: true } : await treeOfFiles(worktree, head);
  if (tree.id === null) return 'failed';
  const before = await writtenIn(git, cwd, rescueRef(runId));
  const same = before?.shape === [tree.id, ...parents].join(' ') && before.message === messageOf(worktree);
  const kept = same || (await commitTree(git, cwd, worktree, { parents, tree: tree.id }));
  const rescued = kept ? await commitOf(git, cwd, rescueRef(runId)) : null;
  return rescued !== null && tree.whole ? rescued : 'failed';
}

const treeOf = async (git: Git, cwd: string, commit: Sha): Promise<string | null> =>
  (await git({ cwd }, 'rev-parse', '--verify', '--quiet', `${commit}^{tree}`)).out.trim() || null;

/** All files as they lie there. Not whole: some could not be taken. */
async function treeOfFiles({ git, path, cell }: Worktree, head: Sha | null): Promise<{ id: string | null; whole: boolean }> {
  const index = join(path, '.git', `rescue-index-${randomBytes(6).toString('hex')}`);
  const call = { cwd: path, environment: { GIT_INDEX_FILE: index } };
  try {
    await git(call, 'read-tree', head ?? '--empty');
    const added = await git(call, 'add', '--all', '--ignore-errors');
    const tree = await git(call, 'write-tree');
    return { id: tree.ok ? tree.out.trim() : null, whole: added.ok && !(await hasNestedWork({ git, path }, index)) };
  } finally {
    await runInCell(cell, 'rm -f -- "$1" "$1.lock"', [index]).catch(() => undefined);
  }
}

/** Where commits can be beside the branches: what is checked out, and what `--autostash` put away. */
const LOOSE = ['HEAD', 'MERGE_AUTOSTASH', 'rebase-merge/autostash', 'rebase-apply/autostash'];
const STASH = 'refs/stash';
/** Of the mirror, or made by us. */
const NOT_WORK = /^refs\/(remotes|gastown)\//;

/** The newest commits of this repository that are not part of anything `there`. */
async function commitsElsewhere({ git, path: cwd }: Worktree, there: readonly Sha[]): Promise<Sha[] | 'failed'> {
  const listed = await git({ cwd }, 'for-each-ref', '--format=%(refname)');
  if (!listed.ok) return 'failed';
  const names = lines(listed.out).filter((name) => !NOT_WORK.test(name));
  const stashed = names.includes(STASH) ? lines((await git({ cwd }, 'log', '--walk-reflogs', '--format=%H', STASH, '--')).out) : [];
  const asked = [...LOOSE, ...names].map((name) => `${name}^{commit}\n`).join('');
  const answers = await git({ cwd, input: asked }, 'cat-file', '--batch-check=%(objectname) %(objecttype)');
  if (!answers.ok) return 'failed';
  const commits = lines(answers.out).flatMap((line) => (line.endsWith(' commit') ? [line.slice(0, 40)] : []));
  const known = new Set<string>(there);
  const found = [...new Set([...commits, ...stashed])].filter((commit) => !known.has(commit));
  if (found.length === 0) return [];
  const range = [...found, ...there.map((commit) => `^${commit}`)].map((word) => `${word}\n`).join('');
  const beyond = await git({ cwd, input: range }, 'rev-list', '--ignore-missing', '--stdin');
  if (!beyond.ok) return 'failed';
  const missing = new Set(lines(beyond.out));
  const tips = found.filter((commit) => missing.has(commit));
  if (tips.length < 2) return tips;
  const independent = await git({ cwd }, 'merge-base', '--independent', ...tips);
  return independent.ok ? lines(independent.out) : tips;
}

interface Tree {
  readonly parents: readonly Sha[];
  readonly tree: string;
  /** Commits that the branch did not get, not the files of a worktree. */
  readonly aside?: true;
}

const TRAILER = 'Work-Branch';
const ASIDE = 'Kept-Aside: yes';

type Of = Pick<Worktree, 'runId' | 'branch'>;

const messageOf = ({ runId, branch }: Of): string => `Work in progress of ${runId}\n\n${TRAILER}: ${branch}\n`;

async function commitTree(git: Git, cwd: string, run: Of, { parents, tree, aside }: Tree): Promise<boolean> {
  const message = `${messageOf(run)}${aside ? `${ASIDE}\n` : ''}`;
  const under = parents.flatMap((parent) => ['-p', parent]);
  const made = await git({ cwd, environment: NOBODY }, 'commit-tree', '-m', message, ...under, tree);
  return made.ok && (await git({ cwd }, 'update-ref', rescueRef(run.runId), made.out.trim())).ok;
}

/**
 * Rescued work as it came into the mirror, in the runner's words: whose it is was written where its agent may write too, and is not taken from there. Null: git failed.
 */
export async function inOurWords(git: Git, { path: cwd }: Mirror, run: Of, commit: Sha): Promise<Sha | null> {
  const written = await writtenIn(git, cwd, commit);
  if (written === null || written.message === messageOf(run)) return written && commit;
  const [tree = '', ...parents] = written.shape.split(' ').map((sha) => Sha.parse(sha));
  return (await commitTree(git, cwd, run, { parents: parents as Sha[], tree })) ? commitOf(git, cwd, rescueRef(run.runId)) : null;
}

/** A commit's tree and parents, and its message. */
async function writtenIn(git: Git, cwd: string, commit: string): Promise<{ shape: string; message: string } | null> {
  const told = await git({ cwd }, 'log', '-1', '--format=%T %P%n%B', commit, '--');
  const end = told.out.indexOf('\n');
  return told.ok ? { shape: told.out.slice(0, end).trim(), message: `${told.out.slice(end).trim()}\n` } : null;
}

/** Keeps commits of a run that its branch does not get, with what is rescued of it already; the files are those of the rescued, unless said otherwise. Null: that failed. */
export async function keepAside(
  git: Git,
  mirror: Mirror,
  run: Of,
  commit: Sha,
  files: 'as they are rescued' | 'as they are committed' = 'as they are rescued',
): Promise<Sha | null> {
  const { path: cwd } = mirror;
  const before = await commitOf(git, cwd, rescueRef(run.runId));
  if (before !== null && (await isAncestor(git, cwd, commit, before))) return before;
  const tree = await treeOf(git, cwd, files === 'as they are rescued' ? (before ?? commit) : commit);
  const parents = before === null ? [commit] : [before, commit];
  const kept = tree !== null && (await commitTree(git, cwd, run, { parents, tree, aside: true }));
  return kept ? commitOf(git, cwd, rescueRef(run.runId)) : null;
}

/** Was it made by `keepAside`? Also when git cannot say: it is kept then. */
export async function isAside(git: Git, { path: cwd }: Mirror, commit: Sha): Promise<boolean> {
  const told = await git({ cwd }, 'log', '-1', '--format=%B', commit, '--');
  return !told.ok || lines(told.out).includes(ASIDE);
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
