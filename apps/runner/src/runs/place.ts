import { chmod, chown, lstat, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { failure, ok, refuse, RigId, RunId } from '@gastown/protocol';
import type { Result, RunnerEffect, Sha } from '@gastown/protocol';
import type { Git } from '../git/git.ts';
import { NOTHING_OUTSIDE } from '../git/outside.ts';
import type { Outside } from '../git/outside.ts';
import type { Mirror, Mirrors } from '../git/mirror.ts';
import { pushRescue } from '../git/push.ts';
import type { Remotes } from '../git/remote.ts';
import type { Rescue } from '../git/rescue.ts';
import { sendNewObjects } from '../lfs/hand-in.ts';
import { takeCommits, takeRescue } from '../git/take.ts';
import { removeRepository } from '../git/repository.ts';
import { foldersIn, prepareWorktree } from '../git/worktree.ts';
import type { Worktree } from '../git/worktree.ts';
import { makeCellFolder, makePassage, removeOwned } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import type { Cells } from '../system/cells.ts';
import type { KeyedLock } from '../system/keyed-lock.ts';
import type { Log } from '../system/log.ts';

export type RunStart = Extract<RunnerEffect, { kind: 'run.start' }>;

/** Where a run works. The Mayor has a desk of its own, which stays (GT-18); a worker has a worktree for the time of its run. */
export interface Place {
  readonly cwd: string;
  /** Null: a desk. */
  readonly work: { readonly mirror: Mirror; readonly worktree: Worktree } | null;
  readonly continued: boolean;
  readonly rescued: Rescue | null;
  readonly outside: Outside;
}

export interface PlaceSurroundings {
  readonly git: Git;
  /** git with the rights of a cell. */
  readonly gitOf: (cell: Cell) => Git;
  readonly cells: Cells;
  readonly remotes: Remotes;
  readonly mirrors: Mirrors;
  readonly state: string;
  /** One change of a rig's worktrees at a time. */
  readonly locks: KeyedLock;
  readonly log: Log;
}

/** What must be known of a worktree after the runner that made it is gone. Kept beside it, where its agent cannot read or write. */
const Note = z.object({ rigId: RigId, gitUrl: z.string(), branch: z.string(), pool: z.string() });
type Note = z.infer<typeof Note>;

const worktreePath = (state: string, runId: RunId): string => join(state, 'worktrees', runId);
const notePath = (state: string, runId: RunId): string => `${worktreePath(state, runId)}.json`;

/** `pool`: the process that will serve the run; what it works on belongs to its cell. */
export async function makePlace(around: PlaceSurroundings, start: RunStart, pool: string): Promise<Result<Place>> {
  const { rig, branch } = start.context;
  if (rig === null || start.gitUrl === null) return makeDesk(around, start, around.cells.agent(pool, rig?.id ?? null));
  const target = start.context.targetBranch ?? rig.defaultBranch;
  if (branch === null || target === null) return refuse(failure('setup_failed', 'The run names no branch.'));
  const { gitUrl } = start;
  return around.locks.run(rig.id, async () => {
    const opened = await around.mirrors.open(rig.id, gitUrl);
    if (!opened.ok) return opened;
    around.remotes.renew(rig.id);
    const fetched = await around.mirrors.fetch(opened.value);
    if (!fetched.ok) return fetched;
    const note = { rigId: rig.id, gitUrl, branch, pool };
    await makePassage(join(around.state, 'worktrees'));
    await writeFile(notePath(around.state, start.runId), JSON.stringify(note), { mode: 0o600 });
    const worktree = worktreeOf(around, start.runId, note);
    const prepared = await prepareWorktree(around.git, around.remotes, opened.value, {
      worktree,
      targetBranch: target,
      startFrom: start.startFrom,
      signature: { gitName: start.gitName, gitEmail: start.gitEmail, agentName: start.context.agent.name },
    });
    return prepared.ok ? ok({ cwd: worktree.path, work: { mirror: opened.value, worktree }, ...prepared.value }) : prepared;
  });
}

function worktreeOf({ cells, gitOf, state }: PlaceSurroundings, runId: RunId, { rigId, branch, pool }: Note): Worktree {
  const cell = cells.agent(pool, rigId);
  return { path: worktreePath(state, runId), runId, branch, cell, git: gitOf(cell) };
}

/**
 * The same folder for every run of this agent: a session is resumed where it was. Only its `.git` is the cell's (GT-18): the Mayor changes no file, and what the runner puts there for it to read
 * (`browse/`) it cannot move away (MY-10).
 */
async function makeDesk(around: PlaceSurroundings, start: RunStart, cell: Cell): Promise<Result<Place>> {
  await makePassage(join(around.state, 'desks'));
  const cwd = join(around.state, 'desks', start.agentId);
  const own = process.getuid?.();
  if (isOthers(await lstat(cwd).catch(() => null), own)) await removeOwned(cwd);
  await makePassage(cwd);
  // Another model, another cell: nothing there is worth keeping, and the folder is no agent's to give away.
  const repository = join(cwd, '.git');
  if (isOthers(await lstat(repository).catch(() => null), cell.user?.uid ?? own)) await removeOwned(repository);
  if (cell.user !== null) await chown(cwd, own ?? 0, cell.user.gid);
  await chmod(cwd, cell.user === null ? 0o700 : 0o750);
  await makeCellFolder(cell, repository);
  await around.gitOf(cell)({ cwd }, 'init', '--quiet');
  return ok({ cwd, work: null, continued: false, rescued: null, outside: NOTHING_OUTSIDE });
}
const isOthers = (there: { uid: number } | null, uid: number | undefined): boolean => there !== null && there.uid !== uid;

/** Uncommitted work of a run that is over. */
export interface Rescued {
  readonly runId: RunId;
  readonly mirror: Mirror;
  readonly commit: Sha;
}

/** Takes over what the run committed and what it did not, then removes the worktree. Safe to repeat, and for runs that have none. */
export async function clearWorktree(around: PlaceSurroundings, runId: RunId): Promise<Rescued | null> {
  const path = worktreePath(around.state, runId);
  const note = await readNote(around.state, runId);
  let rescued: Rescued | null = null;
  if ((await stat(path).catch(() => null)) !== null) {
    if (note === null) await putAside(around, runId, path);
    else rescued = await keepWork(around, runId, note);
    await removeRepository(path);
  }
  await rm(notePath(around.state, runId), { force: true });
  return rescued;
}

async function readNote(state: string, runId: RunId): Promise<Note | null> {
  const text = await readFile(notePath(state, runId), 'utf8').catch(() => '{}');
  try {
    return Note.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

async function keepWork(around: PlaceSurroundings, runId: RunId, note: Note): Promise<Rescued | null> {
  const worktree = worktreeOf(around, runId, note);
  const opened = await around.mirrors.open(note.rigId, note.gitUrl);
  if (!opened.ok) return putAside(around, runId, worktree.path);
  const mirror = opened.value;
  const taken = await takeCommits(around.git, mirror, worktree);
  const rescued = await takeRescue(around.git, mirror, worktree);
  if (!taken.ok || rescued === 'failed') return putAside(around, runId, worktree.path);
  if (rescued === null) return null;
  around.log('run.rescued', { runId, commit: rescued });
  return { runId, mirror, commit: rescued };
}

/** Brings it to the repository, so that it survives this disk. Best effort: a forge need not take it. */
export async function pushRescued(around: PlaceSurroundings, { runId, mirror, commit }: Rescued): Promise<void> {
  const sent = await sendNewObjects(around.git, around.remotes, mirror, commit);
  const pushed = await pushRescue(around.git, around.remotes, mirror, runId, commit);
  if (!sent.ok) around.log('run.rescue_not_pushed', { runId, code: sent.failure.code, message: sent.failure.message });
  if (!pushed.ok) around.log('run.rescue_not_pushed', { runId, code: pushed.failure.code, message: pushed.failure.message });
}

/** What could not be kept in git stays as files, for a person to look at. */
async function putAside(around: PlaceSurroundings, runId: RunId, path: string): Promise<null> {
  const folder = join(around.state, 'rescued');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const aside = join(folder, `${runId}-${Date.now()}`);
  await rename(path, aside);
  around.log('run.put_aside', { runId, folder: aside });
  return null;
}

/** After a start: what an earlier runner left is kept and cleared. */
export async function clearLeftovers(around: PlaceSurroundings): Promise<Rescued[]> {
  const found: Rescued[] = [];
  for (const name of await foldersIn(join(around.state, 'worktrees'))) {
    if (name.startsWith('.making-')) await removeOwned(join(around.state, 'worktrees', name));
    const runId = RunId.safeParse(basename(name, '.json'));
    if (!runId.success) continue;
    // One folder that cannot be cleared must not keep the runner from starting, or from ending.
    const rescued = await clearWorktree(around, runId.data).catch((cause: unknown) =>
      around.log('run.not_cleared', { runId: name, reason: String(cause) }),
    );
    if (rescued) found.push(rescued);
  }
  return found;
}
