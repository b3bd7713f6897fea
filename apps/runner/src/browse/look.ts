import { failure, LIMITS, ok, refuse } from '@gastown/protocol';
import type { Result, Sha } from '@gastown/protocol';
import { gitFailure } from '../git/failures.ts';
import type { Git } from '../git/git.ts';
import { branchRef, commitOf, isBranchName, remoteRef } from '../git/refs.ts';

/**
 * Reads one folder or one file of a commit out of a mirror's objects (MY-9). Nothing is checked out, no filter runs, a link is told as what it is and never followed, and what comes back is bounded.
 */
export interface Look {
  /** What it is, in one line. */
  readonly summary: string;
  readonly text: string;
}

export interface LookWish {
  readonly commit: Sha;
  /** Empty: the top folder. */
  readonly path: string;
  readonly fromLine: number;
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** From the top, without what leads out of it. */
export function cleanPath(path: string): Result<string> {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return refuse(failure('invalid_input', 'The path must stay inside the repository.', { field: 'path' }));
  return ok(parts.join('/'));
}

/** A branch as the repository has it, a work branch as the runner has it, or a commit. */
export async function commitFor(git: Git, mirror: string, ref: string): Promise<Result<Sha>> {
  if (/^[0-9a-f]{7,40}$/.test(ref)) {
    const exact = await commitOf(git, mirror, ref);
    if (exact !== null) return ok(exact);
  }
  const named = await isBranchName(git, mirror, ref);
  const found = named ? ((await commitOf(git, mirror, remoteRef(ref))) ?? (await commitOf(git, mirror, branchRef(ref)))) : null;
  return found === null ? refuse(failure('unknown_path', `There is no branch or commit ${JSON.stringify(ref)}.`, { ref })) : ok(found);
}

export async function lookAt(git: Git, mirror: string, { commit, path, fromLine }: LookWish): Promise<Result<Look>> {
  if (path === '') return lookAtFolder(git, mirror, commit, '');
  const found = await list(git, mirror, commit, [path]);
  if (!found.ok) return found;
  const [entry] = found.value;
  if (entry === undefined)
    return refuse(
      failure('unknown_path', `There is no ${JSON.stringify(path)} in ${commit.slice(0, 12)}. Links are not followed.`, { path }),
    );
  switch (entry.kind) {
    case 'folder':
      return lookAtFolder(git, mirror, entry.object, path);
    case 'submodule':
      return ok({ summary: `${path} is a submodule: another repository, at its commit ${entry.object}.`, text: '' });
    case 'link':
    case 'file':
    case 'program':
      return lookAtFile(git, mirror, entry, { path, fromLine });
  }
}

interface Entry {
  readonly kind: 'folder' | 'file' | 'program' | 'link' | 'submodule';
  readonly object: string;
  readonly bytes: number | null;
  readonly name: string;
}

const KINDS: Readonly<Record<string, Entry['kind']>> = {
  '040000': 'folder',
  '100755': 'program',
  '120000': 'link',
  '160000': 'submodule',
};

async function list(git: Git, mirror: string, tree: string, paths: readonly string[]): Promise<Result<Entry[]>> {
  const call = { cwd: mirror, environment: { GIT_LITERAL_PATHSPECS: '1' } };
  const output = await git(call, 'ls-tree', '-z', '-l', '--full-tree', tree, '--', ...paths);
  if (!output.ok) return refuse(gitFailure(output, 'The folder could not be read'));
  return ok(
    output.out
      .split('\0')
      .filter((line) => line !== '')
      .map(readEntry),
  );
}

function readEntry(line: string): Entry {
  const tab = line.indexOf('\t');
  const [mode = '', , object = '', size = '-'] = line.slice(0, tab).split(/ +/);
  return { kind: KINDS[mode] ?? 'file', object, bytes: size === '-' ? null : Number(size), name: line.slice(tab + 1) };
}

async function lookAtFolder(git: Git, mirror: string, tree: string, path: string): Promise<Result<Look>> {
  const listed = await list(git, mirror, tree, []);
  if (!listed.ok) return listed;
  const entries = listed.value.toSorted((a, b) => Number(a.kind !== 'folder') - Number(b.kind !== 'folder'));
  const shown = entries.slice(0, LIMITS.browseEntries.value);
  const left = entries.length - shown.length;
  const folders = entries.filter(({ kind }) => kind === 'folder').length;
  const cut = left === 0 ? '' : ` ${left} are left out here: name a folder or a file.`;
  return ok({
    summary: `${path === '' ? 'The top folder' : `${path}/`}: ${count(folders, 'folder')}, ${count(entries.length - folders, 'file')}.${cut}`,
    text: shown.map(entryLine).join('\n'),
  });
}

function entryLine({ kind, bytes, name, object }: Entry): string {
  // oxlint-disable-next-line no-control-regex
  const plain = /[\u0000-\u001f\u007f]/.test(name) ? JSON.stringify(name) : name;
  if (kind === 'folder') return `folder ${plain}/`;
  if (kind === 'submodule') return `submodule ${plain} at ${object.slice(0, 12)}`;
  return `${kind} ${plain} (${bytes ?? 0} bytes)`;
}

interface Part {
  readonly path: string;
  readonly fromLine: number;
}

async function lookAtFile(git: Git, mirror: string, { kind, object, bytes }: Entry, { path, fromLine }: Part): Promise<Result<Look>> {
  const size = `${bytes ?? 0} bytes`;
  if ((bytes ?? 0) > LIMITS.browseFileBytes.value) return ok({ summary: `${path} is too large to be shown: ${size}.`, text: '' });
  const output = await git({ cwd: mirror }, 'cat-file', 'blob', object);
  if (!output.ok) return refuse(gitFailure(output, 'The file could not be read'));
  if (kind === 'link') return ok({ summary: `${path} is a link to ${JSON.stringify(output.out)}; it is not followed.`, text: '' });
  if (isBinary(output.out)) return ok({ summary: `${path} is not text: ${size}.`, text: '' });
  const part = linesFrom(output.out, fromLine);
  if (part === null) return refuse(failure('invalid_input', `${path} has no line ${fromLine}.`, { field: 'from_line' }));
  return ok({ summary: `${path}: ${size}${part.says}`, text: part.text });
}

/** As git tells text from the rest. */
const LOOKED_AT = 8_000;
const isBinary = (text: string): boolean => text.slice(0, LOOKED_AT).includes('\0');

/** Whole lines, as many as fit; one that is longer than all that fits is cut. Null: there is no such line. */
function linesFrom(text: string, from: number): { says: string; text: string } | null {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (from > Math.max(lines.length, 1)) return null;
  const room = LIMITS.browseCharacters.value;
  let used = 0;
  let last = from - 1;
  while (last < lines.length && used + lines[last]!.length + 1 <= room) used += lines[last++]!.length + 1;
  if (last === from - 1 && last < lines.length)
    return {
      says: `, the beginning of line ${from} of ${lines.length}, which is longer than can be shown.`,
      text: lines[last]!.slice(0, room),
    };
  const whole = from === 1 && last === lines.length;
  const more = last === lines.length ? '' : `; from_line ${last + 1} goes on`;
  return {
    says: whole ? `, ${count(lines.length, 'line')}.` : `, lines ${from} to ${last} of ${lines.length}${more}.`,
    text: lines.slice(from - 1, last).join('\n'),
  };
}
