import { ok, refuse } from '@gastown/protocol';
import type { Result, Sha } from '@gastown/protocol';
import { gitFailure } from '../git/failures.ts';
import type { Git } from '../git/git.ts';
import { ofCommit } from '../git/of-commit.ts';

/** A submodule as a commit names it. */
export interface Listed {
  readonly name: string;
  /** From the top of its repository. */
  readonly path: string;
  /** As it stands in `.gitmodules`; null: it has none. */
  readonly url: string | null;
}

const READING = '.gitmodules could not be read';

/** What `.gitmodules` of a commit says, whether there is such a folder or not. */
export const namedModules = ofCommit(async (git, mirror, commit): Promise<Result<readonly Listed[]>> => {
  const there = await git({ cwd: mirror }, 'ls-tree', '--full-tree', commit, '--', '.gitmodules');
  if (!there.ok) return refuse(gitFailure(there, READING));
  if (there.out === '') return ok([]);
  const told = await git(
    { cwd: mirror },
    'config',
    '-z',
    '--blob',
    `${commit}:.gitmodules`,
    '--get-regexp',
    String.raw`^submodule\..*\.(path|url)$`,
  );
  // 1: there is no such line.
  if (!told.ok && told.exitCode !== 1) return refuse(gitFailure(told, READING));
  const found = new Map<string, { path: string | null; url: string | null }>();
  for (const entry of told.out.split('\0')) {
    const [, name, key] = /^submodule\.([^]*)\.(path|url)$/.exec(entry.slice(0, Math.max(entry.indexOf('\n'), 0))) ?? [];
    if (name === undefined) continue;
    const values = found.get(name) ?? { path: null, url: null };
    found.set(name, { ...values, [key === 'path' ? 'path' : 'url']: entry.slice(entry.indexOf('\n') + 1) });
  }
  return ok([...found].flatMap(([name, { path, url }]) => (path === null ? [] : [{ name, path, url }])));
});

/** The commits that a commit records, by their folders. Not asked by name: names may be of any length, and anything. */
export async function recordedCommits(git: Git, mirror: string, commit: Sha): Promise<Result<Map<string, Sha>>> {
  const listed = await git({ cwd: mirror }, 'ls-tree', '-r', '-z', '--full-tree', commit);
  if (!listed.ok) return refuse(gitFailure(listed, 'The submodules could not be listed'));
  const found = new Map<string, Sha>();
  for (const line of listed.out.split('\0')) {
    const entry = /^160000 commit ([0-9a-f]{40})\t([^]+)$/.exec(line);
    if (entry !== null) found.set(entry[2]!, entry[1] as Sha);
  }
  return ok(found);
}

const PATH_BYTES = 1_000;
const NAME_BYTES = 255;

/** No part of the path leads elsewhere, and a folder can be called so. A commit that a forge gave may hold anything. */
export const isPlainPath = (path: string): boolean =>
  // oxlint-disable-next-line no-control-regex
  !/[\u0000-\u001f\u007f]/.test(path) && Buffer.byteLength(path) <= PATH_BYTES && path.split('/').every(isPlainName);

const isPlainName = (name: string): boolean =>
  !['', '.', '..', '.git'].includes(name.toLowerCase()) && Buffer.byteLength(name) <= NAME_BYTES;
