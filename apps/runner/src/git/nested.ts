import { join } from 'node:path';
import type { Git } from './git.ts';
import { lines } from './remote.ts';
import type { Worktree } from './worktree.ts';

/**
 * Repositories inside a worktree. A commit holds of such a one a name only, so what was made there and is nowhere else cannot be kept by one of the outer repository; a mere clone, or a submodule as it was
 * fetched, has nothing that is missed.
 */
export async function hasNestedWork({ git, path }: Pick<Worktree, 'git' | 'path'>, index: string): Promise<boolean> {
  const listed = await git({ cwd: path, environment: { GIT_INDEX_FILE: index } }, 'ls-files', '--stage', '-z');
  const entries = listed.out.split('\0').filter((entry) => entry.startsWith('160000 '));
  for (const entry of entries) {
    const at = join(path, entry.slice(entry.indexOf('\t') + 1));
    if (await isAtWork(git, at, path)) return true;
  }
  return false;
}

/** Is something there that is not committed, or a commit that no remote has? */
async function isAtWork(git: Git, cwd: string, outer: string): Promise<boolean> {
  // Where there is none the search would go up to the outer one.
  const call = { cwd, environment: { GIT_CEILING_DIRECTORIES: outer } };
  const status = await git(call, 'status', '--porcelain', '--untracked-files=normal');
  if (!status.ok) return false;
  if (status.out !== '') return true;
  const shared = await git(call, 'rev-parse', '--path-format=absolute', '--git-common-dir');
  // Of another worktree of the same repository the branches are looked at there.
  const range = shared.out.trim() === join(outer, '.git') ? ['HEAD', '--not', '--branches'] : ['--all', '--not'];
  const own = await git(call, 'rev-list', '--max-count=1', ...range, '--remotes');
  return !own.ok || lines(own.out).length > 0;
}
