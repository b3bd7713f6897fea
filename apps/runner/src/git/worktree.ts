import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Result, RunId, Sha } from '@gastown/protocol';
import { byMachine, checkOutModules, moduleSettings, ofTheTop } from '../modules/check-out.ts';
import { exceptionsOf } from '../lfs/bring.ts';
import type { Cell } from '../system/cell.ts';
import { checkOut } from './check-out.ts';
import { quoted } from './config.ts';
import { gitFailure } from './failures.ts';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import { bringOutside, NOTHING_OUTSIDE, without } from './outside.ts';
import type { Outside } from './outside.ts';
import { branchIn, holdBranch } from './hold.ts';
import { branchRef, commitOf, isAncestor, isBranchName, remoteRef, rescueRef } from './refs.ts';
import { lines } from './remote.ts';
import type { Remotes } from './remote.ts';
import { makeRepository, removeRepository } from './repository.ts';
import { keepAside, newestRescue } from './rescue.ts';
import type { Rescue } from './rescue.ts';
import { AGENT_EMAIL, committerName } from './signature.ts';
import type { Signature } from './signature.ts';

/**
 * Where one run works: a repository of its own that belongs to the agent's cell. It borrows the objects of the mirror and holds no address of the forge. The agent may do to it what it
 * likes, so it is not trusted: git works in it with the cell's rights alone (`git`), and what is wanted from it is fetched (`take.ts`).
 */
export interface Worktree {
  readonly path: string;
  readonly runId: RunId;
  readonly branch: string;
  readonly cell: Cell;
  /** git with the rights of the cell. */
  readonly git: Git;
}

export interface WorktreeWish {
  readonly worktree: Worktree;
  readonly targetBranch: string;
  /** Where earlier work of the same bead may be: a branch or a commit. */
  readonly startFrom: string | null;
  readonly signature: Signature;
}

export interface Prepared {
  /** Earlier commits were found and are checked out. */
  readonly continued: boolean;
  /** What an earlier run of the bead did not commit; it is kept, not applied. */
  readonly rescued: Rescue | null;
  /** What is not here though the commit names it. */
  readonly outside: Outside;
}

/**
 * Makes the worktree of one run on its work branch. The repository is put together where nobody but the runner can look, given to the cell, and moved into place; then the cell checks out.
 * Whatever an earlier try left is cleared first, so the same call may be repeated at any point (DR-9).
 */
export async function prepareWorktree(git: Git, remotes: Remotes, mirror: Mirror, wish: WorktreeWish): Promise<Result<Prepared>> {
  const { worktree } = wish;
  const [named, refs] = await Promise.all([namesAreGood(git, mirror, [worktree.branch, wish.targetBranch]), refsOf(git, mirror)]);
  if (!named.ok) return named;
  await removeRepository(worktree.path);
  const start = await startingPoint(git, mirror, wish, refs);
  const pushed = refs.get(remoteRef(worktree.branch)) ?? null;
  const held = await holdBranch(git, mirror, { ...worktree, start: start.commit, pushed });
  if (!held.ok) return held;
  const rescued = await newestRescue(git, mirror, worktree.branch, [...refs.keys(), ...start.aside]);
  const trusted = refs.get(remoteRef(wish.targetBranch)) ?? null;
  const outside =
    start.commit === null ? NOTHING_OUTSIDE : await bringOutside(git, remotes, mirror, { commit: start.commit, trusted, fresh: true });
  // A merge of the target is what an agent does next.
  if (trusted !== null && trusted !== start.commit) await bringOutside(git, remotes, mirror, { commit: trusted, trusted, fresh: false });
  await makeRepository(mirror, {
    path: worktree.path,
    cell: worktree.cell,
    head: `ref: ${branchRef(worktree.branch)}`,
    settings: `${settings(mirror, wish)}${moduleSettings(ofTheTop(outside.modules.here))}`,
    refs: seenRefs(worktree.branch, { start: start.commit, refs, rescued }),
    lfs: exceptionsOf(outside.lfs),
  });
  if (start.commit !== null) {
    const filled = await checkOut(worktree, worktree.path);
    if (!filled.ok) return refuse(gitFailure(filled, 'The worktree could not be prepared'));
    const holder = { cell: worktree.cell, own: worktree.git, git, tree: worktree.path };
    const broken = await checkOutModules(holder, outside.modules.here);
    const machine = byMachine(broken);
    if (machine) return refuse(machine);
    return ok({ continued: start.continued, rescued, outside: without(outside, broken) });
  }
  return ok({ continued: start.continued, rescued, outside });
}

async function namesAreGood(git: Git, mirror: Mirror, names: readonly string[]): Promise<Result<null>> {
  const good = await Promise.all(names.map((name) => isBranchName(git, mirror.path, name)));
  const bad = names.find((_, at) => !good[at]);
  return bad === undefined ? ok(null) : refuse(failure('setup_failed', `"${bad}" is not a branch name.`));
}

type Refs = ReadonlyMap<string, Sha>;

async function refsOf(git: Git, mirror: Mirror): Promise<Refs> {
  const wanted = ['refs/remotes/origin', 'refs/heads', 'refs/gastown/rescue', 'refs/gastown/there'];
  const listed = await git({ cwd: mirror.path }, 'for-each-ref', '--format=%(objectname) %(refname)', ...wanted);
  return new Map(lines(listed.out).map((line) => [line.slice(41), line.slice(0, 40) as Sha]));
}

interface Start {
  readonly commit: Sha | null;
  readonly continued: boolean;
  /** Refs of what was kept apart, for it is not what is gone on from. */
  readonly aside: readonly string[];
}

/** The bead's own branch if there is one (rework goes on where it stopped), else the head of the target, else nothing: an empty repository. */
async function startingPoint(git: Git, mirror: Mirror, { worktree, startFrom, targetBranch }: WorktreeWish, refs: Refs): Promise<Start> {
  const earlier = [worktree.branch, startFrom].filter((name) => name !== null);
  for (const name of earlier) {
    const own = refs.get(branchRef(name)) ?? null;
    const there = refs.get(remoteRef(name)) ?? null;
    const parted = own !== null && there !== null && own !== there ? { own, there } : null;
    const known = parted === null ? (own ?? there) : await newerOf(git, mirror, name, parted);
    if (known === null) continue;
    const aside = parted !== null && known === there ? await keepApart(git, mirror, { branch: name, runId: worktree.runId }, parted) : [];
    return { commit: known, continued: name !== targetBranch, aside };
  }
  const exact = startFrom === null ? null : await commitOf(git, mirror.path, startFrom);
  return exact === null
    ? { commit: refs.get(remoteRef(targetBranch)) ?? null, continued: false, aside: [] }
    : { commit: exact, continued: true, aside: [] };
}

interface Parted {
  readonly own: Sha;
  readonly there: Sha;
}

/**
 * Which of two heads of a work branch goes on: ours, with what was not pushed yet or was rewritten since, unless the repository has what we have, or another runner pushed there
 * after us: the bead went on with that one.
 */
async function newerOf(git: Git, mirror: Mirror, branch: string, { own, there }: Parted): Promise<Sha> {
  if (await isAncestor(git, mirror.path, own, there)) return there;
  if (await isAncestor(git, mirror.path, there, own)) return own;
  const { pushed } = await branchIn(git, mirror.path, branch);
  return pushed === undefined || pushed === there ? own : there;
}

/** What only this machine has is kept as rescued work of the run that made it. Gives the ref. */
async function keepApart(git: Git, mirror: Mirror, run: { branch: string; runId: RunId }, { own, there }: Parted): Promise<string[]> {
  if (await isAncestor(git, mirror.path, own, there)) return [];
  const { holders } = await branchIn(git, mirror.path, run.branch);
  const maker = holders[0]?.runId ?? run.runId;
  await keepAside(git, mirror, { branch: run.branch, runId: maker }, own);
  return [rescueRef(maker)];
}

interface Seen {
  readonly start: Sha | null;
  readonly refs: Refs;
  readonly rescued: Rescue | null;
}

/** What the agent sees of the rig, as the mirror has it. */
function seenRefs(branch: string, { start, refs, rescued }: Seen): Refs {
  const seen = new Map([...refs].filter(([name]) => name.startsWith('refs/remotes/origin/')));
  if (start !== null) seen.set(branchRef(branch), start);
  if (rescued !== null) seen.set(rescued.ref, rescued.commit);
  return seen;
}

/** A push ends in the worktree's own repository: it succeeds, and nothing leaves. */
function settings(mirror: Mirror, { worktree: { path }, signature: { gitName, gitEmail, agentName } }: WorktreeWish): string {
  const committer = quoted(committerName(agentName));
  return `[user]
\tname = ${committer}
\temail = ${AGENT_EMAIL}
[author]
\tname = ${quoted(gitName)}
\temail = ${quoted(gitEmail)}
[committer]
\tname = ${committer}
\temail = ${AGENT_EMAIL}
[commit]
\tgpgSign = false
[push]
\tdefault = current
[remote "origin"]
\turl = ${quoted(mirror.path)}
\tfetch = +refs/remotes/origin/*:refs/remotes/origin/*
\tpushurl = ${quoted(join(path, '.git'))}
`;
}

export const foldersIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
