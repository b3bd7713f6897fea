import { LIMITS } from '@gastown/protocol';
import type { Sha } from '@gastown/protocol';
import type { Git } from '../git/git.ts';
import type { Mirror } from '../git/mirror.ts';
import type { Remotes } from '../git/remote.ts';
import { offSignal } from '../system/wanted.ts';
import type { Exceptions, Pointer } from './filter.ts';
import { lfsFilesOf } from './files.ts';
import type { LfsFile } from './files.ts';
import { askFor, download, eachOf, lfsServerFor } from './server.ts';
import { freeBytes, inGigabytes, notStored, placeProgram, store } from './store.ts';

/** A file that stays a pointer. */
export interface MissingFile {
  readonly path: string;
  readonly why: string;
}

export interface LfsHere {
  readonly missing: readonly MissingFile[];
  /** Files that the commit holds whole though they belong into Git LFS. */
  readonly asIs: readonly string[];
  /** Those that have their content. */
  readonly here: readonly LfsFile[];
}
export const NO_LFS: LfsHere = { missing: [], asIs: [], here: [] };
export const exceptionsOf = ({ missing, asIs }: LfsHere): Exceptions => ({ asIs, missing: missing.map(({ path }) => path) });

/** Brings what the commit's pointers name. What its server does not give is told, and stays a pointer; a disk that takes nothing breaks it off. */
export async function bringLfs(git: Git, remotes: Remotes, mirror: Mirror, commit: Sha): Promise<LfsHere> {
  // Every repository is set up for Git LFS: an agent may be the first to use it.
  await placeProgram(mirror.path);
  const files = await lfsFilesOf(git, mirror.path, commit);
  if (!files.ok) return { ...NO_LFS, missing: [{ path: '.', why: files.failure.message }] };
  const { pointers, asIs } = files.value;
  const absent = await notStored(mirror.path, pointers);
  const reasons = absent.size === 0 ? new Map<string, string>() : await fetchObjects(git, remotes, mirror, commit, [...absent.values()]);
  const missing = pointers.flatMap(({ path, oid }) => (reasons.has(oid) ? [{ path, why: reasons.get(oid)! }] : []));
  return { missing, asIs, here: pointers.filter(({ oid }) => !reasons.has(oid)) };
}

/** Why each object that is still not here is not, by its id. */
async function fetchObjects(
  git: Git,
  remotes: Remotes,
  mirror: Mirror,
  commit: Sha,
  wanted: readonly Pointer[],
): Promise<Map<string, string>> {
  const { fit, reasons } = planned(wanted, (await freeBytes(mirror.path)) - LIMITS.lfsFreeBytes.value);
  const all = (why: string): Map<string, string> => new Map([...reasons, ...fit.map(({ oid }) => [oid, why] as const)]);
  const server = await lfsServerFor(git, remotes, mirror, commit);
  if (!server.ok) return all(server.failure.message);
  const late = AbortSignal.timeout(LIMITS.cloneTimeoutMs.value);
  const off = offSignal();
  const signal = off === null ? late : AbortSignal.any([late, off]);
  const answers = await askFor(server.value, 'download', fit, signal);
  if (!answers.ok) return all(answers.failure.message);
  await eachOf(fit, async (pointer) => {
    const answer = answers.value.get(pointer.oid) ?? { oid: pointer.oid };
    const got = await download(server.value, answer, signal, (begin) => store(mirror.path, pointer, begin, signal));
    if (!got.ok) reasons.set(pointer.oid, got.failure.message);
  });
  return reasons;
}

/** The small ones first: most files then have their content. */
function planned(wanted: readonly Pointer[], room: number): { fit: Pointer[]; reasons: Map<string, string> } {
  const reasons = new Map<string, string>();
  const fit: Pointer[] = [];
  let bytes = 0;
  for (const pointer of wanted.toSorted((one, other) => one.size - other.size)) {
    bytes += pointer.size;
    if (pointer.size > LIMITS.lfsObjectBytes.value)
      reasons.set(pointer.oid, `it is larger than ${inGigabytes(LIMITS.lfsObjectBytes.value)}`);
    else if (bytes > LIMITS.lfsFetchBytes.value)
      reasons.set(pointer.oid, `together they are more than ${inGigabytes(LIMITS.lfsFetchBytes.value)}`);
    // It lies in the store and in the worktree.
    else if (bytes * 2 > room) reasons.set(pointer.oid, 'the disk has no room for it');
    else fit.push(pointer);
  }
  return { fit, reasons };
}
