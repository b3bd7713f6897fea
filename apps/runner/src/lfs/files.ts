import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ok, refuse } from '@gastown/protocol';
import type { Result, Sha } from '@gastown/protocol';
import { gitFailure } from '../git/failures.ts';
import type { Git } from '../git/git.ts';
import { ofCommit } from '../git/of-commit.ts';
import { lines } from '../git/remote.ts';
import { parsePointer, POINTER_BYTES } from './filter.ts';
import type { Pointer } from './filter.ts';

/** A file of a commit whose content is in Git LFS. */
export interface LfsFile extends Pointer {
  readonly path: string;
}

export interface LfsFiles {
  readonly pointers: readonly LfsFile[];
  /** Files that belong into Git LFS and that the commit holds whole. */
  readonly asIs: readonly string[];
}

const DOING = 'The files in Git LFS could not be listed';
const NONE: LfsFiles = { pointers: [], asIs: [] };

/** Whether any attributes of the commit speak of Git LFS: without, nobody need look further. */
const speaksOfLfs = ofCommit(async (git, mirror, commit): Promise<Result<boolean>> => {
  const attributes = ':(top,glob)**/.gitattributes';
  const found = await git({ cwd: mirror }, 'grep', '--quiet', '--fixed-strings', 'filter=lfs', commit, '--', attributes);
  // 1: no line does.
  return found.ok || found.exitCode === 1 ? ok(found.ok) : refuse(gitFailure(found, DOING));
});

/** What of a commit belongs into Git LFS, by its own attributes. `only`: no other paths. */
export async function lfsFilesOf(git: Git, mirror: string, commit: Sha, only?: ReadonlySet<string>): Promise<Result<LfsFiles>> {
  if (only?.size === 0) return ok(NONE);
  const speaks = await speaksOfLfs(git, mirror, commit);
  if (!speaks.ok) return speaks;
  if (!speaks.value) return ok(NONE);
  const listed = await git({ cwd: mirror }, 'ls-tree', '-r', '-l', '-z', '--full-tree', commit);
  if (!listed.ok) return refuse(gitFailure(listed, DOING));
  const files = listed.out.split('\0').flatMap(readEntry);
  const wanted = only === undefined ? files : files.filter(({ path }) => only.has(path));
  const belonging = await attributed(git, mirror, commit, wanted);
  if (!belonging.ok) return belonging;
  const small = belonging.value.filter(({ bytes }) => bytes <= POINTER_BYTES);
  const texts = await blobs(
    git,
    mirror,
    small.map(({ object }) => object),
  );
  if (!texts.ok) return texts;
  const pointers: LfsFile[] = [];
  const asIs: string[] = [];
  for (const { path, object, bytes } of belonging.value) {
    const pointer = parsePointer(texts.value.get(object) ?? '');
    if (pointer !== null) pointers.push({ path, ...pointer });
    // An empty file is empty in Git LFS too.
    else if (bytes > 0) asIs.push(path);
  }
  return ok({ pointers, asIs });
}

interface Entry {
  readonly path: string;
  readonly object: string;
  readonly bytes: number;
}
/** `100644 blob <object> <size>\t<path>`; links are no files. */
function readEntry(line: string): Entry[] {
  const found = /^100(?:644|755) blob ([0-9a-f]{40}) +(\d+)\t([^]+)$/.exec(line);
  return found === null ? [] : [{ object: found[1]!, bytes: Number(found[2]), path: found[3]! }];
}

/** Those with `filter=lfs`. Attributes of a commit are read through an index, of this question alone. */
async function attributed(git: Git, mirror: string, commit: Sha, files: readonly Entry[]): Promise<Result<Entry[]>> {
  const index = join(dirname(mirror), `lfs-${randomBytes(6).toString('hex')}.index`);
  const call = { cwd: mirror, environment: { GIT_INDEX_FILE: index } };
  try {
    const read = await git(call, 'read-tree', commit);
    if (!read.ok) return refuse(gitFailure(read, DOING));
    const input = files.map(({ path }) => `${path}\0`).join('');
    const told = await git({ ...call, input }, 'check-attr', '--cached', '--stdin', '-z', 'filter');
    if (!told.ok) return refuse(gitFailure(told, DOING));
    // path, `filter`, value; each ended by a NUL, in the order of the question.
    const values = told.out.split('\0').filter((_, at) => at % 3 === 2);
    return ok(files.filter((_, at) => values[at] === 'lfs'));
  } finally {
    await rm(index, { force: true });
  }
}

/** Small blobs, by their names. */
async function blobs(git: Git, mirror: string, names: readonly string[]): Promise<Result<Map<string, string>>> {
  const found = new Map<string, string>();
  if (names.length === 0) return ok(found);
  const input = `${[...new Set(names)].join('\n')}\n`;
  const read = await git({ cwd: mirror, input, bytes: true }, 'cat-file', '--batch');
  if (!read.ok) return refuse(gitFailure(read, DOING));
  for (let at = 0; at < read.out.length;) {
    const end = read.out.indexOf('\n', at);
    const [name = '', , size = '0'] = read.out.slice(at, end).split(' ');
    found.set(name, read.out.slice(end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size) + 1;
  }
  return ok(found);
}

/** Files that `head` brings to `base` (null: to nothing). `since`: where they parted, or base itself. */
export async function changedFiles(
  git: Git,
  mirror: string,
  base: Sha | null,
  head: Sha,
  since: 'parting' | 'base',
): Promise<Result<Set<string>>> {
  const range = base === null ? [EMPTY_TREE, head] : since === 'parting' ? [`${base}...${head}`] : [base, head];
  const told = await git({ cwd: mirror }, 'diff', '--name-only', '-z', '--no-renames', '--diff-filter=d', ...range);
  if (!told.ok) return refuse(gitFailure(told, 'The changed files could not be read'));
  return ok(new Set(told.out.split('\0').filter((path) => path !== '')));
}
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Every pointer in what `head` has and the repository does not, whatever path or commit of the history it is in. */
export async function newPointers(git: Git, mirror: string, head: Sha): Promise<Result<Pointer[]>> {
  const speaks = await speaksOfLfs(git, mirror, head);
  if (!speaks.ok) return speaks;
  if (!speaks.value) return ok([]);
  return pointersIn(git, mirror, [head, '--not', '--remotes']);
}

/** Every pointer in what this mirror keeps of work, beyond the repository's own branches; those of pushed work branches too, whose objects the server need not have. */
export const localPointers = (git: Git, mirror: string): Promise<Result<Pointer[]>> =>
  pointersIn(git, mirror, ['--branches', '--glob=refs/gastown', '--not', '--exclude=origin/gt/*', '--remotes']);

async function pointersIn(git: Git, mirror: string, range: readonly string[]): Promise<Result<Pointer[]>> {
  const listed = await git({ cwd: mirror }, 'rev-list', '--objects', '--no-object-names', ...range);
  if (!listed.ok) return refuse(gitFailure(listed, DOING));
  const format = '--batch-check=%(objecttype) %(objectsize) %(objectname)';
  const sized = await git({ cwd: mirror, input: listed.out }, 'cat-file', format);
  if (!sized.ok) return refuse(gitFailure(sized, DOING));
  const small = lines(sized.out).flatMap((line) => {
    const [type, size, name = ''] = line.split(' ');
    return type === 'blob' && Number(size) <= POINTER_BYTES ? [name] : [];
  });
  const texts = await blobs(git, mirror, small);
  return texts.ok ? ok([...texts.value.values()].flatMap((text) => parsePointer(text) ?? [])) : texts;
}

/** A commit that says where its objects are kept, when that is not the repository's own server. */
export async function otherServer(git: Git, mirror: string, commit: Sha): Promise<string | null> {
  const told = await git(
    { cwd: mirror },
    'config',
    '-z',
    '--blob',
    `${commit}:.lfsconfig`,
    '--get-regexp',
    String.raw`^(lfs|remote\..*)\.(url|pushurl|lfsurl|lfspushurl)$`,
  );
  const [first = ''] = told.out.split('\0');
  return first.includes('\n') ? first.slice(first.indexOf('\n') + 1) : null;
}
