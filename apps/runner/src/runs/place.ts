import { chmod, chown, lstat, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { failure, LIMITS, ok, refuse, RigId } from '@gastown/protocol';
import type { Result, RunId, RunnerEffect, Sha } from '@gastown/protocol';
import type { Holds } from '../agents/holds.ts';
import type { Git } from '../git/git.ts';
import { NOTHING_OUTSIDE } from '../git/outside.ts';
import type { Outside } from '../git/outside.ts';
import type { Mirror, Mirrors } from '../git/mirror.ts';
import { branchIn } from '../git/hold.ts';
import { pushOwnWork, pushRescue } from '../git/push.ts';
import { branchRef, commitOf, remoteRef, rescueRef } from '../git/refs.ts';
import type { Remotes } from '../git/remote.ts';
import { keepAside } from '../git/rescue.ts';
import { removeRepository } from '../git/repository.ts';
import type { Rescue } from '../git/rescue.ts';
import { takeWork } from '../git/take.ts';
import { checkTarget, isOwnWork } from '../git/target.ts';
import type { TargetWish } from '../git/target.ts';
import { makingPath, moveAway } from '../git/repository.ts';
import { sendNewObjects } from '../lfs/hand-in.ts';
import { prepareWorktree } from '../git/worktree.ts';
import type { Worktree } from '../git/worktree.ts';
import { makeCellFolder, makePassage, removeOwned } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import type { Cells } from '../system/cells.ts';
import type { KeyedLock } from '../system/keyed-lock.ts';
import type { Log } from '../system/log.ts';
import { unlessMissing } from '../system/missing.ts';
import { inTurn, NEVER_OFF } from '../system/wanted.ts';
import { within } from '../system/within.ts';
import { asideFolder, noteAside } from './aside.ts';

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
  /** One thing at a time with a rig's repository, and one place of it. */
  readonly locks: KeyedLock;
  readonly holding: Holds['holding'];
  /** Everything is ended now: what fails from here on does so for that. */
  readonly stopping: () => boolean;
  readonly log: Log;
}

/** What must be known of a worktree after the runner that made it is gone. Kept beside it, where its agent cannot read or write. */
const Note = z.object({
  rigId: RigId,
  gitUrl: z.string(),
  branch: z.string(),
  pool: z.string(),
  targetBranch: z.string().optional(),
  /** Its agent may have been at work: until then there is nothing to keep. */
  begun: z.boolean().default(true),
  /** After the hand-in nothing is pushed. */
  handedIn: z.boolean().default(false),
});
type Note = z.infer<typeof Note>;

const worktreePath = (state: string, runId: RunId): string => join(state, 'worktrees', runId);
const notePath = (state: string, runId: RunId): string => `${worktreePath(state, runId)}.json`;

/** `pool`: the process that will serve the run; what it works on belongs to its cell. `off`: its reason is a failure, with which this ends at once, also in the midst of a long command. */
export async function makePlace(
  around: PlaceSurroundings,
  start: RunStart,
  pool: string,
  off: AbortSignal = NEVER_OFF,
): Promise<Result<Place>> {
  const { rig, branch } = start.context;
  if (rig === null || start.gitUrl === null) return makeDesk(around, start, around.cells.agent(pool, rig?.id ?? null));
  const target = start.context.targetBranch ?? rig.defaultBranch;
  if (branch === null || target === null) return refuse(failure('setup_failed', 'The run names no branch.'));
  const { gitUrl } = start;
  const note: Note = { rigId: rig.id, gitUrl, branch, pool, targetBranch: target, begun: false, handedIn: false };
  // One place after the other: the next finds here what was brought for this one. Nothing else waits for that, a landing say.
  return inTurn(around.locks, `places ${rig.id}`, off, async () => {
    const fetched = await inTurn(around.locks, rig.id, off, () => fetchFor(around, start.runId, { note, target, isNew: rig.empty }));
    if (!fetched.ok) return fetched;
    const mirror = fetched.value;
    const worktree = worktreeOf(around, start.runId, note);
    let made = false;
    try {
      const prepared = await prepareWorktree(around.git, around.remotes, mirror, {
        worktree,
        targetBranch: target,
        startFrom: start.startFrom,
        signature: { gitName: start.gitName, gitEmail: start.gitEmail, agentName: start.context.agent.name },
      });
      if (!prepared.ok) return prepared;
      await writeNote(around.state, start.runId, { ...note, begun: true });
      made = true;
      return ok({ cwd: worktree.path, work: { mirror, worktree }, ...prepared.value });
    } finally {
      if (!made) await unmakeWorktree(around, start.runId);
    }
  });
}

/** The mirror as the repository is now; that a run begins in it is noted, so that it stays. */
async function fetchFor(
  around: PlaceSurroundings,
  runId: RunId,
  { note, ...wish }: TargetWish & { readonly note: Note },
): Promise<Result<Mirror>> {
  const opened = await around.mirrors.open(note.rigId, note.gitUrl);
  if (!opened.ok) return opened;
  around.remotes.renew(note.rigId);
  const fetched = await around.mirrors.fetch(opened.value);
  if (!fetched.ok) return fetched;
  const landable = await checkTarget(around.git, around.remotes, opened.value, wish);
  if (!landable.ok) return landable;
  await makePassage(join(around.state, 'worktrees'));
  await writeNote(around.state, runId, note);
  return opened;
}

/** No agent was in it yet. What cannot be removed now is after the next start of the runner. */
async function unmakeWorktree({ state, log }: PlaceSurroundings, runId: RunId): Promise<void> {
  await removeRepository(worktreePath(state, runId))
    .then(() => rm(notePath(state, runId), { force: true }))
    .catch((cause: unknown) => log('run.not_cleared', { runId, reason: String(cause) }));
}

/** Whole or not at all: a full disk leaves the one that is there. */
async function writeNote(state: string, runId: RunId, note: Note): Promise<void> {
  const path = notePath(state, runId);
  const coming = makingPath(path);
  await writeFile(coming, JSON.stringify(note), { mode: 0o600 });
  await rename(coming, path);
}

/** From now on nothing of this run is pushed, also by a next runner that finds its worktree. */
export async function noteHandIn({ state, log }: PlaceSurroundings, runId: RunId): Promise<void> {
  // The hand-in stands, whether there is room for this or not.
  await readNote(state, runId)
    .then((note) => (note === null ? undefined : writeNote(state, runId, { ...note, handedIn: true })))
    .catch((cause: unknown) => log('run.hand_in_not_noted', { runId, reason: String(cause) }));
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

/** What a run that is over left, in the mirror. */
export interface Left {
  readonly runId: RunId;
  readonly mirror: Mirror;
  readonly branch: string;
  /** Commits of its branch for the repository. Null: there are none, or they are not to be pushed. */
  readonly head: Sha | null;
  /** Work that is on no branch. */
  readonly rescued: Sha | null;
}

/** A call of git has its limit; all of them together have this one. */
const KEEP_MS = 2 * LIMITS.cloneTimeoutMs.value;

/** Keeps all that the run made, then removes its worktree: none is removed in another way. What takes longer than `keepMs` to keep is put aside. Safe to repeat, and for runs that have none. */
export const clearWorktree = (around: PlaceSurroundings, runId: RunId, keepMs: number = KEEP_MS): Promise<Left | null> =>
  around.locks.run(`worktree ${runId}`, async () => {
    const note = await readNote(around.state, runId);
    const clear = (): Promise<Left | null> => clearNow(around, runId, note, keepMs);
    return note === null ? clear() : around.holding(note.pool, clear);
  });

async function clearNow(around: PlaceSurroundings, runId: RunId, note: Note | null, keepMs: number): Promise<Left | null> {
  const path = worktreePath(around.state, runId);
  const there = (await unlessMissing(stat(path), null)) !== null;
  const kept = there ? await within(keepMs, keepWork(around, runId, note)) : NOTHING_LEFT;
  // Nothing an agent planted holds up the end of its run, or the next one of its bead.
  if (kept?.whole !== true) await putAside(around, runId, path, note);
  const removed = await moveAway(path);
  await rm(notePath(around.state, runId), { force: true });
  // It is kept and out of the way. What cannot be removed yet, for something writes there still, is at the next start.
  await removed.remove().catch((cause: unknown) => around.log('run.not_removed', { runId, reason: String(cause) }));
  return kept?.left ?? null;
}

/** Null: there is none, or it says nothing. One that cannot be read is an error: what it is about is left alone, and looked at again. */
export async function readNote(state: string, runId: RunId): Promise<Note | null> {
  const text = await unlessMissing(readFile(notePath(state, runId), 'utf8'), '{}');
  try {
    return Note.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

interface KeptHere {
  readonly left: Left | null;
  /** False: of some of it the worktree is the only place. */
  readonly whole: boolean;
}
const NOTHING_LEFT: KeptHere = { left: null, whole: true };
const NOT_KEPT: KeptHere = { left: null, whole: false };

/** Moves nothing in the worktree: it may go on when it took too long and nobody waits for it any more. */
async function keepWork(around: PlaceSurroundings, runId: RunId, note: Note | null): Promise<KeptHere> {
  if (note === null) return NOT_KEPT;
  if (!note.begun) return NOTHING_LEFT;
  const worktree = worktreeOf(around, runId, note);
  const opened = await around.mirrors.open(note.rigId, note.gitUrl);
  if (!opened.ok) return NOT_KEPT;
  const mirror = opened.value;
  const { branch, handedIn } = note;
  // A branch that the mirror has no more was deleted: nobody makes it again (BR-6).
  const known = await commitOf(around.git, mirror.path, branchRef(branch));
  const kept = await takeWork(around.git, mirror, worktree);
  if (!kept.ok) return NOT_KEPT;
  const { head } = kept.value;
  const compared =
    head !== null && note.targetBranch !== undefined ? await isOwnWork(around.git, mirror, note.targetBranch, head) : ok(false);
  if (!compared.ok)
    around.log('run.save_failed', { runId, branch, why: 'left', code: compared.failure.code, message: compared.failure.message });
  const own = compared.ok && compared.value;
  // Its work is landed, or given up: what lay beside it was forgotten with it, and is not to come back.
  const there = await around.git({ cwd: mirror.path }, 'for-each-ref', remoteRef(branch));
  const isOver = handedIn && own && there.ok && there.out === '';
  if (isOver) await around.git({ cwd: mirror.path }, 'update-ref', '-d', rescueRef(runId));
  const rescued = kept.value.rescued === 'failed' || isOver ? null : kept.value.rescued;
  if (rescued !== null) around.log('run.rescued', { runId, commit: rescued });
  // What is in the mirror goes to the repository, whether it is all or not.
  const left = { runId, mirror, branch, head: own && known !== null && !handedIn ? head : null, rescued };
  return { left, whole: kept.value.rescued !== 'failed' && kept.value.whole };
}

/** Brings what a run left to the repository, so that it survives this disk. Best effort: a forge need not take what is no branch. */
export async function pushLeft(around: PlaceSurroundings, left: Left): Promise<void> {
  const rescued = await pushCommits(around, left);
  if (rescued !== null) await pushRescued(around, { ...left, rescued });
}

/** Its commits, as its own run would: nothing of another's is replaced. Gives what goes under its rescue ref instead. */
async function pushCommits({ git, remotes, log }: PlaceSurroundings, { runId, mirror, branch, head, rescued }: Left): Promise<Sha | null> {
  const expected = (await branchIn(git, mirror.path, branch)).pushed ?? null;
  if (head === null || head === expected) return rescued;
  // Without them the commits are worth keeping all the same.
  await sendNewObjects(git, remotes, mirror, head).catch((cause: unknown) =>
    log('run.save_failed', { runId, branch, why: 'left, files in Git LFS', reason: String(cause) }),
  );
  const sent = await pushOwnWork(git, remotes, mirror, { branch, head, expected, tried: new Set(), makeAgain: false });
  if (sent.ok) log('run.saved', { runId, branch, why: 'left', commit: head });
  else log('run.save_failed', { runId, branch, why: 'left', code: sent.failure.code, message: sent.failure.message });
  if (sent.ok || sent.failure.code !== 'target_moved') return rescued;
  const beside = await keepAside(git, mirror, { runId, branch }, head);
  if (beside === null) log('run.not_rescued', { runId, commit: head, message: 'Commits could not be kept beside the branch.' });
  return beside ?? rescued;
}

export async function pushRescued(around: PlaceSurroundings, { runId, mirror, rescued }: Left): Promise<void> {
  if (rescued === null) return;
  const objects = await sendNewObjects(around.git, around.remotes, mirror, rescued).catch((cause: unknown) =>
    refuse(failure('internal', String(cause))),
  );
  if (!objects.ok) around.log('run.rescue_not_pushed', { runId, code: objects.failure.code, message: objects.failure.message });
  const pushed = await pushRescue(around.git, around.remotes, mirror, runId, rescued);
  if (!pushed.ok) around.log('run.rescue_not_pushed', { runId, code: pushed.failure.code, message: pushed.failure.message });
}

/** What could not be kept in git stays as files, for a person to look at. Throws when the runner ends: the next one keeps it. */
async function putAside(around: PlaceSurroundings, runId: RunId, path: string, note: Note | null): Promise<void> {
  if (around.stopping()) throw new Error('The runner ends.');
  const folder = asideFolder(around.state);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = `${runId}-${Date.now()}`;
  const aside = join(folder, name);
  await rename(path, aside);
  // Without it nobody takes it away.
  if (note !== null)
    await noteAside(around.state, name, note).catch((cause: unknown) =>
      around.log('run.aside_not_noted', { runId, reason: String(cause) }),
    );
  around.log('run.put_aside', { runId, folder: aside });
}
