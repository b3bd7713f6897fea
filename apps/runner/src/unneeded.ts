import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from '@gastown/protocol';
import { removeUnusedCaches } from './gates/cache-limit.ts';
import type { Git } from './git/git.ts';
import { rigsIn } from './git/gone.ts';
import { isHalf } from './git/repository.ts';
import { tidyMirror } from './git/tidy.ts';
import { forgetArriving, pruneStore } from './lfs/prune.ts';
import { modulesFolder, removeUnusedModules } from './modules/unused.ts';
import { asideFolder, removeLandedAsides } from './runs/aside.ts';
import type { Log } from './system/log.ts';
import { unlessMissing } from './system/missing.ts';

export interface Keeping {
  readonly git: Git;
  readonly state: string;
  readonly log: Log;
}

/** As long as folders of pools (`agents/unused.ts`). */
const UNUSED_MS = 30 * 86_400_000;

/**
 * Nothing that a runner keeps grows for ever: what can be had again and was not wanted for a month goes, and so does what was put aside of work that landed a month ago. For the start of a runner, when nothing uses any of it, and within
 * `mostMs`: what is not looked at by then is at the next start. Best effort. Gives what is left to be done, beside everything else.
 */
export async function removeUnneeded({ git, state, log }: Keeping, now: number, mostMs: number): Promise<() => Promise<void>> {
  const late = performance.now() + mostMs;
  const isOver = (): boolean => performance.now() > late;
  const toRemove: (() => Promise<void>)[] = [];
  const each = async (what: string, job: () => Promise<void>): Promise<void> => {
    if (isOver()) return log('prune.put_off', { what });
    await job().catch((cause: unknown) => log('prune.failed', { what, reason: String(cause) }));
  };
  await each('worktrees put aside', async () => {
    const names = await removeLandedAsides(state, UNUSED_MS, now);
    if (names.length > 0) log('prune.rescued', { names });
  });
  await each('caches of gates', async () => {
    const { removed, bytes, remove } = await removeUnusedCaches(state, { bytes: LIMITS.gateCacheBytes.value, unusedMs: UNUSED_MS }, now);
    toRemove.push(remove);
    if (removed.length > 0) log('prune.caches', { folders: removed, bytes });
  });
  const store = async (mirror: string): Promise<void> => {
    if ((await unlessMissing(stat(join(mirror, 'lfs')), null)) === null) return;
    await forgetArriving(mirror);
    await tidyMirror(git, mirror);
    const pruned = await pruneStore(git, mirror, UNUSED_MS, now, isOver);
    if (!pruned.ok) throw new Error(pruned.failure.message);
    if (pruned.value.files > 0) log('prune.lfs', { mirror, ...pruned.value });
  };
  for (const rigId of rigsIn(state)) {
    const folder = join(state, 'rigs', rigId);
    await each(`submodules of ${rigId}`, async () => {
      if (await areModulesBorrowed(state)) return;
      const { names, remove } = await removeUnusedModules(folder, UNUSED_MS, now);
      toRemove.push(remove);
      if (names.length > 0) log('prune.modules', { rigId, names });
    });
    await each(`files in Git LFS of ${rigId}`, () => store(join(folder, 'mirror.git')));
    const modules = await unlessMissing(readdir(modulesFolder(folder)), []).catch(() => []);
    for (const name of modules.filter((one) => one.endsWith('.git')))
      await each(`files in Git LFS of ${rigId}/${name}`, () => store(join(modulesFolder(folder), name)));
  }
  return async () => {
    for (const remove of toRemove)
      await remove().catch((cause: unknown) => log('prune.failed', { what: 'removal', reason: String(cause) }));
  };
}

/** Worktrees that an earlier runner left, and those that were put aside, may borrow objects of submodules, of whatever rig. */
async function areModulesBorrowed(state: string): Promise<boolean> {
  const left = (await readdir(join(state, 'worktrees'))).filter((name) => !isHalf(name));
  return left.length > 0 || (await unlessMissing(readdir(asideFolder(state)), [])).length > 0;
}
