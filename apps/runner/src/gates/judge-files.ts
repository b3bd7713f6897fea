import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LIMITS, ok, refuse } from '@gastown/protocol';
import type { Result, Sha } from '@gastown/protocol';
import { gitFailure } from '../git/failures.ts';
import type { Git, GitCall } from '../git/git.ts';
import type { Mirror } from '../git/mirror.ts';

/**
 * Tells which files are not, byte for byte, what the checkout of the commit wrote. Git would compare what it makes of a file by the attributes that lie beside it, and a gate can lay others there, by which
 * altered bytes are the same content. So the runner looks from a repository of its own: its attributes come first, turn every conversion off, and its index holds the bytes themselves.
 */
export interface FilesJudge {
  /** With the slash-ended folder of a submodule before their names. */
  changed(): Promise<Result<string[]>>;
  /** Where attributes would be read in writing the files, and the commit has none; from the top of the tree. */
  readonly foreignAttributes: readonly string[];
}

export interface Judged {
  /** Empty, or the folder of a submodule with a slash. */
  readonly within: string;
  readonly mirror: Mirror;
  readonly commit: Sha;
  readonly tree: string;
  /** Of this judge alone, and the runner's. */
  readonly folder: string;
}

export const CHECKING_OUT = 'The merge result could not be checked out for the gates';
const COMPARING = 'The files could not be compared after the gate';
const ATTRIBUTES = '.gitattributes';
const AS_THEY_ARE = '* -text -ident !eol !crlf !filter !working-tree-encoding\n';

/** The files must lie there as they were checked out, and nothing of the test has run. */
export async function makeFilesJudge(git: Git, { within, mirror, commit, tree, folder }: Judged): Promise<Result<FilesJudge>> {
  const path = join(tree, within);
  const made = await git({ cwd: dirname(folder) }, 'init', '--quiet', '--bare', '--template=', folder);
  if (!made.ok) return refuse(gitFailure(made, CHECKING_OUT));
  await mkdir(join(folder, 'info'), { recursive: true });
  await writeFile(join(folder, 'info', 'attributes'), AS_THEY_ARE);
  await writeFile(join(folder, 'HEAD'), `${commit}\n`);
  const call: GitCall = {
    cwd: path,
    config: { 'core.bare': 'false' },
    environment: { GIT_DIR: folder, GIT_WORK_TREE: path, GIT_OBJECT_DIRECTORY: join(mirror.path, 'objects') },
    timeoutMs: LIMITS.cloneTimeoutMs.value,
    bytes: true,
  };
  const read = await git(call, 'read-tree', commit);
  if (!read.ok) return refuse(gitFailure(read, CHECKING_OUT));
  const folders = await git(call, 'ls-tree', '-r', '-d', '-z', '--name-only', '--full-tree', commit);
  if (!folders.ok) return refuse(gitFailure(folders, CHECKING_OUT));
  const committed = await git(call, 'ls-files', '-z', '--', `:(glob)**/${ATTRIBUTES}`);
  if (!committed.ok) return refuse(gitFailure(committed, CHECKING_OUT));
  const own = new Set(namesIn(committed.out));
  const beside = [ATTRIBUTES, ...namesIn(folders.out).map((name) => `${name}/${ATTRIBUTES}`)];
  // What a conversion wrote is no content of the commit. The index is kept, so that later looks are quick; never after a gate, who may set the times of files.
  const keeping = { ...call, environment: { ...call.environment, GIT_OPTIONAL_LOCKS: '1' } };
  const converted = await differing(git, keeping);
  if (!converted.ok) return refuse(gitFailure(converted.output, CHECKING_OUT));
  const input = Buffer.from(converted.names.map((name) => `${name}\0`).join(''), 'latin1');
  const noted = await git({ ...call, input }, 'update-index', '--info-only', '-z', '--stdin');
  if (!noted.ok) return refuse(gitFailure(noted, CHECKING_OUT));
  return ok({
    foreignAttributes: beside.filter((name) => !own.has(name)).map((name) => within + readable(name)),
    async changed() {
      // A folder that is gone, or a link to another: whatever is behind it is not what was committed.
      if ((await realpath(path).catch(() => null)) !== (await realpath(tree)) + (within === '' ? '' : `/${within.slice(0, -1)}`))
        return ok([within]);
      const found = await differing(git, call);
      return found.ok ? ok(found.names.map((name) => within + readable(name))) : refuse(gitFailure(found.output, COMPARING));
    },
  });
}

/** Submodules are not looked into: git would start itself in them. Each has a judge of its own. */
async function differing(git: Git, call: GitCall) {
  const output = await git(call, 'status', '--porcelain', '-z', '--untracked-files=no', '--ignore-submodules=all', '--no-renames');
  if (!output.ok) return { ok: false as const, output };
  // Two letters and a blank, then the name; the second letter compares the files with the index.
  const names = namesIn(output.out).flatMap((line) => (line[1] === ' ' ? [] : [line.slice(3)]));
  return { ok: true as const, names };
}

const namesIn = (out: string): string[] => out.split('\0').filter((name) => name !== '');
const readable = (name: string): string => Buffer.from(name, 'latin1').toString('utf8');
