import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Result, Sha } from '@gastown/protocol';
import { gitFailure } from './failures.ts';
import type { Git } from './git.ts';

/** What a commit needs and does not hold: submodules are other repositories, and of files in Git LFS it has only pointers. The runner fetches neither, so each who meets them is told. */
export interface Outside {
  /** Their folders, which are empty. */
  readonly submodules: readonly string[];
  readonly lfs: boolean;
}

export const NOTHING_OUTSIDE: Outside = { submodules: [], lfs: false };

export async function outsideOf(git: Git, mirror: string, commit: Sha): Promise<Outside> {
  const [modules, attributes] = await Promise.all([
    git({ cwd: mirror }, 'config', '-z', '--blob', `${commit}:.gitmodules`, '--get-regexp', String.raw`^submodule\..*\.path$`),
    git({ cwd: mirror }, 'grep', '--quiet', '--fixed-strings', 'filter=lfs', commit, '--', ':(top,glob)**/.gitattributes'),
  ]);
  const submodules = modules.out.split('\0').flatMap((entry) => (entry.includes('\n') ? [entry.slice(entry.indexOf('\n') + 1)] : []));
  return { submodules, lfs: attributes.ok };
}

/** For a person or an agent. Null: there is nothing to say. */
export function outsideText({ submodules, lfs }: Outside): string | null {
  const shown = submodules.slice(0, 10).map((path) => JSON.stringify(path));
  const more = submodules.length > shown.length ? ` and ${submodules.length - shown.length} more` : '';
  const parts = [
    ...(submodules.length > 0
      ? [`Submodules are not fetched: ${shown.join(', ')}${more} ${submodules.length === 1 ? 'is' : 'are'} empty here.`]
      : []),
    ...(lfs ? ['Files in Git LFS are not fetched: they are pointers of a few lines here, and new ones cannot be handed in.'] : []),
  ];
  return parts.length === 0 ? null : parts.join(' ');
}

/**
 * Refuses a branch that adds or changes files which belong into Git LFS: their content would land in the repository itself, or nowhere. `scratch`: a folder of the runner's for an index.
 */
export async function refuseLfsChanges(git: Git, mirror: string, scratch: string, base: Sha | null, head: Sha): Promise<Result<null>> {
  if (!(await outsideOf(git, mirror, head)).lfs) return ok(null);
  const changed = await git(
    { cwd: mirror },
    'diff',
    '--name-only',
    '-z',
    '--no-renames',
    '--diff-filter=d',
    ...(base === null ? [EMPTY_TREE, head] : [`${base}...${head}`]),
  );
  if (!changed.ok) return refuse(gitFailure(changed, 'The changed files could not be read'));
  if (changed.out === '') return ok(null);
  const index = join(scratch, `lfs-${head}.index`);
  const environment = { GIT_INDEX_FILE: index };
  try {
    const read = await git({ cwd: mirror, environment }, 'read-tree', head);
    if (!read.ok) return refuse(gitFailure(read, 'The attributes could not be read'));
    const told = await git({ cwd: mirror, environment, input: changed.out }, 'check-attr', '--cached', '--stdin', '-z', 'filter');
    if (!told.ok) return refuse(gitFailure(told, 'The attributes could not be read'));
    // path, `filter`, value; each ended by a NUL.
    const fields = told.out.split('\0');
    const files = fields.filter((_, at) => at % 3 === 0 && fields[at + 2] === 'lfs');
    if (files.length === 0) return ok(null);
    return refuse(
      failure(
        'not_pushed',
        `These files belong into Git LFS, which this runner does not write: ${files.slice(0, 10).join(', ')}${files.length > 10 ? ` and ${files.length - 10} more` : ''}. Leave them as the target branch has them and call again, or ask a person (escalate).`,
        { files: files.slice(0, 200) },
      ),
    );
  } finally {
    await rm(index, { force: true });
  }
}

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
