import type { Sha } from '@gastown/protocol';
import type { Git } from '../git/git.ts';

/** A submodule as a commit names it. */
export interface Listed {
  readonly name: string;
  /** From the top of its repository. */
  readonly path: string;
  /** As it stands in `.gitmodules`; null: it has none. */
  readonly url: string | null;
}

/** What `.gitmodules` of a commit says, whether there is such a folder or not. */
export async function namedModules(git: Git, mirror: string, commit: Sha): Promise<Listed[]> {
  const told = await git(
    { cwd: mirror },
    'config',
    '-z',
    '--blob',
    `${commit}:.gitmodules`,
    '--get-regexp',
    String.raw`^submodule\..*\.(path|url)$`,
  );
  const found = new Map<string, { path: string | null; url: string | null }>();
  for (const entry of told.out.split('\0')) {
    const [, name, key] = /^submodule\.([^]*)\.(path|url)$/.exec(entry.slice(0, Math.max(entry.indexOf('\n'), 0))) ?? [];
    if (name === undefined) continue;
    const values = found.get(name) ?? { path: null, url: null };
    found.set(name, { ...values, [key === 'path' ? 'path' : 'url']: entry.slice(entry.indexOf('\n') + 1) });
  }
  return [...found].flatMap(([name, { path, url }]) => (path === null ? [] : [{ name, path, url }]));
}

/** The commits that a commit records for these folders; a folder that is no submodule there is left out. */
export async function recordedCommits(git: Git, mirror: string, commit: Sha, paths: readonly string[]): Promise<Map<string, Sha>> {
  const found = new Map<string, Sha>();
  if (paths.length === 0) return found;
  const listed = await git(
    { cwd: mirror, environment: { GIT_LITERAL_PATHSPECS: '1' } },
    'ls-tree',
    '-z',
    '--full-tree',
    commit,
    '--',
    ...paths,
  );
  for (const line of listed.out.split('\0')) {
    const entry = /^160000 commit ([0-9a-f]{40})\t([^]+)$/.exec(line);
    if (entry !== null) found.set(entry[2]!, entry[1] as Sha);
  }
  return found;
}

/** No part of the path leads elsewhere. A commit that a forge gave may hold anything. */
export const isPlainPath = (path: string): boolean =>
  path !== '' && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git');
