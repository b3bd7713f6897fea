import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isHalf, moveAway } from '../git/repository.ts';
import { removeOwned } from '../system/cell.ts';
import { unlessMissing } from '../system/missing.ts';

export const modulesFolder = (rigFolder: string): string => join(rigFolder, 'modules');

/**
 * Moves mirrors of submodules away that nobody opened for `unusedMs` (`openModule` sets their time): they hold nothing that is not published. Whoever calls sees to it that no worktree borrows from them. Gives those that went, and what removes them.
 */
export async function removeUnusedModules(
  rigFolder: string,
  unusedMs: number,
  now: number,
): Promise<{ names: string[]; remove: () => Promise<void> }> {
  const folder = modulesFolder(rigFolder);
  const names: string[] = [];
  const halves: string[] = [];
  const away: { remove(): Promise<void> }[] = [];
  for (const name of await unlessMissing(readdir(folder), [])) {
    const path = join(folder, name);
    if (isHalf(name)) halves.push(path);
    else if (now - (await stat(path)).mtimeMs >= unusedMs) {
      away.push(await moveAway(path));
      names.push(name);
    }
  }
  return {
    names,
    async remove() {
      for (const each of away) await each.remove();
      for (const half of halves) await removeOwned(half);
    },
  };
}
