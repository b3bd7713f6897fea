import { mkdir } from 'node:fs/promises';
import { COMMITTER, git } from './git.ts';

export const DEFAULT_BRANCH = 'main';

export interface SeedFile {
  /** With forward slashes, inside the repository. */
  readonly path: string;
  readonly content: Buffer | string;
}

/** Makes an empty bare repository whose HEAD names the branch to come. */
export async function createBareRepo(bare: string, defaultBranch: string = DEFAULT_BRANCH): Promise<string> {
  await mkdir(bare, { recursive: true });
  await git(['init', '--quiet', '--bare', `--initial-branch=${defaultBranch}`, bare]);
  return bare;
}

/** A repository without a commit, as a forge makes it when asked for a new one (AG-19). */
export const createEmptyRepo = (bare: string): Promise<string> => createBareRepo(bare);

/** Puts one commit that adds or overwrites these files on a branch of a bare repository, made if it is not there; resolves to the commit. Deterministic. */
export async function seedRepo(
  bare: string,
  files: readonly SeedFile[],
  message: string,
  branch: string = DEFAULT_BRANCH,
): Promise<string> {
  const ordered = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const parent = (await git(['-C', bare, 'for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`])).trim();
  const from = parent === '' ? '' : `from ${parent}\n`;
  const stream = [
    `commit refs/heads/${branch}\ncommitter ${COMMITTER}\n`,
    data(message),
    from,
    ...ordered.flatMap((file) => [`M 100644 inline ${quoted(file.path)}\n`, data(file.content)]),
    'done\n',
  ];
  await git(['-C', bare, 'fast-import', '--quiet', '--force', '--done'], Buffer.concat(stream.map((part) => Buffer.from(part))));
  return (await git(['-C', bare, 'rev-parse', `refs/heads/${branch}`])).trim();
}

function data(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')]);
}

const quoted = (path: string): string => `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
