import { basename, join } from 'node:path';
import { LIMITS, RunId } from '@gastown/protocol';
import pLimit from 'p-limit';
import { isHalf, moveAway } from '../git/repository.ts';
import { foldersIn } from '../git/worktree.ts';
import { clearWorktree, pushLeft, readNote } from './place.ts';
import type { Left, PlaceSurroundings } from './place.ts';

/**
 * What an earlier runner left: worktrees with the work of runs that nobody ends any more. Each is kept and cleared (DR-9), some side by side, and one that takes long holds up only who goes on with the same work:
 * a runner that cleared all of them first would be taken for hung.
 */
export interface Leftovers {
  /** Resolves when all is cleared; what could not be is in the log, and there at the next start. */
  readonly cleared: Promise<unknown>;
  /** Resolves when what was left of this run, and on these branches, is cleared. */
  of(branches: readonly (string | null)[], runId?: RunId): Promise<unknown>;
  /** Brings each to the repository as soon as it is kept. Resolves when all are there, or could not be brought. */
  push(): Promise<unknown>;
}

/** One that hangs leaves room for others; ten at once would slow each other down. */
const AT_ONCE = 4;
/** What takes longer to keep is put aside: the next run of the same bead waits for it. */
const LEFT_MS = 2 * LIMITS.effectTimeoutMs.value;

/** Resolves when it is known what there is, and nothing half made is in the way of a new run; clearing goes on. */
export async function findLeftovers(around: PlaceSurroundings, keepMs: number = LEFT_MS): Promise<Leftovers> {
  const folder = join(around.state, 'worktrees');
  const sideBySide = pLimit(AT_ONCE);
  // One that cannot be cleared must not keep the runner from starting, or from ending.
  const unlessBroken = <T>(name: string, job: Promise<T>): Promise<T | null> =>
    job.catch((cause: unknown) => {
      around.log('run.not_cleared', { runId: name, reason: String(cause) });
      return null;
    });
  const names = await foldersIn(folder);
  const halves = names.filter(isHalf);
  const away = await Promise.all(halves.map((name) => unlessBroken(name, moveAway(join(folder, name)))));
  const runIds = new Set(names.flatMap((name) => RunId.safeParse(basename(name, '.json')).data ?? []));
  const notes = await Promise.all(
    [...runIds].map(async (runId) => ({ runId, note: await unlessBroken(runId, readNote(around.state, runId)) })),
  );
  const found = notes.map(({ runId, note }) => ({
    runId,
    branch: note?.branch ?? null,
    left: sideBySide(() => unlessBroken(runId, clearWorktree(around, runId, keepMs))),
  }));
  const removed = halves.map((name, at) => sideBySide(() => unlessBroken(name, away[at]?.remove() ?? Promise.resolve())));
  const push = (left: Left): Promise<void> =>
    pushLeft(around, left).catch((cause: unknown) => around.log('run.save_failed', { why: 'left', reason: String(cause) }));
  return {
    cleared: Promise.all([...found.map(({ left }) => left), ...removed]),
    of: (branches, wanted) =>
      Promise.all(
        found.filter(({ runId, branch }) => runId === wanted || (branch !== null && branches.includes(branch))).map(({ left }) => left),
      ),
    push: () => Promise.all(found.map(async ({ left }) => left.then((kept) => kept && push(kept)))),
  };
}
