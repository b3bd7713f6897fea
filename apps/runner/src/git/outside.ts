import type { Sha } from '@gastown/protocol';
import { bringLfs, NO_LFS } from '../lfs/bring.ts';
import type { LfsHere, MissingFile } from '../lfs/bring.ts';
import { bringModules, NO_MODULES } from '../modules/bring.ts';
import type { Modules } from '../modules/bring.ts';
import type { BrokenModule } from '../modules/check-out.ts';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import type { Remotes } from './remote.ts';

/** What a commit names and does not hold: submodules are other repositories, and of files in Git LFS it has only pointers. It is brought beside the mirror; whoever meets what is not here is told. */
export interface Outside {
  readonly modules: Modules;
  readonly lfs: LfsHere;
}

export const NOTHING_OUTSIDE: Outside = { modules: NO_MODULES, lfs: NO_LFS };

/** Of whose files it is asked. */
export interface OutsideWish {
  readonly commit: Sha;
  /** The target branch as the repository has it: what people say of submodules. */
  readonly trusted: Sha | null;
  /** Somebody will work there, and may want other commits of submodules. */
  readonly fresh: boolean;
}

/** Brings what can be brought, for who will have the files of this commit. */
export async function bringOutside(git: Git, remotes: Remotes, mirror: Mirror, { commit, trusted, fresh }: OutsideWish): Promise<Outside> {
  const [modules, lfs] = await Promise.all([
    bringModules({ git, remotes, mirror }, commit, trusted, fresh),
    bringLfs(git, remotes, mirror, commit),
  ]);
  return { modules, lfs };
}

/** The same, when these submodules could not be put together where the files are wanted: whoever works there is told of them as of those that could not be had. */
export function without({ modules, lfs }: Outside, broken: readonly BrokenModule[]): Outside {
  const missing = broken.map(({ path, failure: { message } }) => ({ path, why: message }));
  const here = modules.here.filter(({ path }) => broken.every((each) => each.path !== path));
  return { modules: { here, missing: [...modules.missing, ...missing] }, lfs };
}

/** What a run is told of it at its start. Null: nothing. */
export const startText = (outside: Outside): string | null =>
  [modulesText(outside), outsideText(outside)].filter((text) => text !== null).join(' ') || null;

/** What whoever works there must know of what is here. */
function modulesText({ modules: { here } }: Outside): string | null {
  if (here.length === 0) return null;
  return `Submodules are checked out as recorded: ${some(here.map(({ path }) => path))}. What is changed inside them is not kept; another commit that their repository has may be recorded.`;
}

/** For a person or an agent. Null: there is nothing to say. */
export function outsideText({ modules, lfs }: Outside): string | null {
  const inside = modules.here.flatMap(({ path, lfs: { missing } }) => missing.map((each) => ({ ...each, path: `${path}/${each.path}` })));
  const pointers = [...lfs.missing, ...inside];
  const parts = [
    ...(modules.missing.length > 0 ? [`Submodules are not here: ${byReason(modules.missing)}. Their folders are empty.`] : []),
    ...(pointers.length > 0
      ? [`Files in Git LFS are not fetched: ${byReason(pointers)}. They are pointers of a few lines here; leave them as they are.`]
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
