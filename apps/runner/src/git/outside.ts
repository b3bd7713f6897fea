import type { Sha } from '@gastown/protocol';
import { bringLfs, NO_LFS } from '../lfs/bring.ts';
import type { LfsHere, MissingFile } from '../lfs/bring.ts';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import type { Remotes } from './remote.ts';

/** What a commit names and does not hold: submodules are other repositories, and of files in Git LFS it has only pointers. Whoever meets what is not here is told. */
export interface Outside {
  /** Their folders, which are empty. */
  readonly submodules: readonly string[];
  readonly lfs: LfsHere;
}

export const NOTHING_OUTSIDE: Outside = { submodules: [], lfs: NO_LFS };

/** Brings what can be brought, beside the mirror, for who will have the files of this commit. */
export async function bringOutside(git: Git, remotes: Remotes, mirror: Mirror, commit: Sha): Promise<Outside> {
  const [modules, lfs] = await Promise.all([
    git({ cwd: mirror.path }, 'config', '-z', '--blob', `${commit}:.gitmodules`, '--get-regexp', String.raw`^submodule\..*\.path$`),
    bringLfs(git, remotes, mirror, commit),
  ]);
  const submodules = modules.out.split('\0').flatMap((entry) => (entry.includes('\n') ? [entry.slice(entry.indexOf('\n') + 1)] : []));
  return { submodules, lfs };
}

/** For a person or an agent. Null: there is nothing to say. */
export function outsideText({ submodules, lfs: { missing } }: Outside): string | null {
  const parts = [
    ...(submodules.length > 0
      ? [`Submodules are not fetched: ${some(submodules)} ${submodules.length === 1 ? 'is' : 'are'} empty here.`]
      : []),
    ...(missing.length > 0
      ? [`Files in Git LFS are not fetched: ${byReason(missing)}. They are pointers of a few lines here; leave them as they are.`]
      : []),
  ];
  return parts.length === 0 ? null : parts.join(' ');
}

function byReason(missing: readonly MissingFile[]): string {
  const groups = Map.groupBy(missing, ({ why }) => why);
  const told = [...groups].map(([why, files]) => `${some(files.map(({ path }) => path))} (${why})`);
  return told.join(', ');
}

function some(paths: readonly string[]): string {
  const shown = paths.slice(0, 10).map((path) => JSON.stringify(path));
  return `${shown.join(', ')}${paths.length > shown.length ? ` and ${paths.length - shown.length} more` : ''}`;
}
