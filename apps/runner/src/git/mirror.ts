import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, LIMITS, ok, parseWorkBranch, refuse, Sha } from '@gastown/protocol';
import type { Result, RigId } from '@gastown/protocol';
import { makePassage, OWN, runInCell } from '../system/cell.ts';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { gitFailure } from './failures.ts';
import { fetchRefs } from './fetch.ts';
import type { Git } from './git.ts';
import { headsOf } from './heads.ts';
import { isBranchName } from './refs.ts';
import { checked } from './remote.ts';
import type { Remotes } from './remote.ts';
import { clearScratch, scratchBeside } from './scratch.ts';
import { tidyMirror } from './tidy.ts';

/**
 * One bare mirror per rig (GT-1). Its refs:
 * - `refs/remotes/origin/*`: what the repository has, replaced by each fetch; nothing is ever checked out from here, so a fetch cannot collide with a worktree.
 * - `refs/heads/gt/*`: work branches, taken over from the repositories of the runs.
 * - `refs/gastown/*`: what the runner keeps (merge results, rescued work, what it pushed last); `refs/gastown/there/*` is what of rescued work the repository has.
 *
 * Only the runner writes it. The agents and tests of the rig may read it: it is the `origin` of their repositories, which borrow its objects.
 */
export interface Mirror {
  readonly path: string;
  readonly rigId: RigId;
  readonly gitUrl: string;
  /** The token of the rig is not for it: a submodule from elsewhere. */
  readonly anonymous?: boolean;
}

interface MirrorHead {
  readonly defaultBranch: string;
  readonly empty: boolean;
  readonly head: Sha | null;
}

export interface Mirrors {
  /** Where the mirror of a rig is, or will be. */
  readonly path: (rigId: RigId) => string;
  /** The mirror, made if missing or half made, and put in order. Does not fetch. */
  open(rigId: RigId, gitUrl: string): Promise<Result<Mirror>>;
  fetch(mirror: Mirror): Promise<Result<null>>;
  /** Fetches if that was not done within `ageMs`. */
  freshen(mirror: Mirror, ageMs: number): Promise<Result<null>>;
  /** Asks the repository for its default branch. */
  look(mirror: Mirror): Promise<Result<MirrorHead>>;
}

const FETCH = ['+refs/heads/*:refs/remotes/origin/*', '+refs/gastown/rescue/*:refs/gastown/there/*'];

/** `readersOf`: the group that may read a rig's mirror, null where all are one user. */
export function makeMirrors(git: Git, remotes: Remotes, rigsFolder: string, readersOf: (rigId: RigId) => number | null): Mirrors {
  const folder = (rigId: RigId): string => join(rigsFolder, rigId);
  const mirrorPath = (rigId: RigId): string => join(folder(rigId), 'mirror.git');
  const opened = new Set<RigId>();
  const opening = makeKeyedLock();
  /** By the steady clock of this process. */
  const fetchedAt = new Map<RigId, number>();
  const fetch = async (mirror: Mirror): Promise<Result<null>> => {
    const startedAt = performance.now();
    const done = checked(await fetchRefs(remotes, mirror, FETCH, { prune: true }), 'Could not fetch the repository');
    if (!done.ok) return done;
    fetchedAt.set(mirror.rigId, startedAt);
    return ok(null);
  };
  return {
    path: mirrorPath,
    // One after the other: the first forgets what was arriving, and nothing arrives before.
    open: (rigId, gitUrl) =>
      opening.run(rigId, async () => {
        const path = mirrorPath(rigId);
        await makePassage(folder(rigId));
        const made = await makeBare(git, path, readersOf(rigId));
        if (!made.ok) return made;
        if (!opened.has(rigId)) await Promise.all([forgetIncoming(git, path), clearScratch(path)]);
        opened.add(rigId);
        return ok({ path, rigId, gitUrl });
      }),
    fetch,
    async freshen(mirror, ageMs) {
      const at = fetchedAt.get(mirror.rigId);
      return at !== undefined && performance.now() - at < ageMs ? ok(null) : fetch(mirror);
    },
    async look(mirror) {
      const seen = await lookAt(remotes, mirror);
      if (!seen.ok || (await isBranchName(git, mirror.path, seen.value.defaultBranch))) return seen;
      const name = JSON.stringify(seen.value.defaultBranch);
      return refuse(
        failure('setup_failed', `The default branch is called ${name}, which git takes for something else. Rename it, then reconnect.`),
      );
    },
  };
}

/** What was arriving when an earlier runner ended: it comes again. */
async function forgetIncoming(git: Git, cwd: string): Promise<void> {
  const { out } = await git({ cwd }, 'for-each-ref', '--format=delete %(refname)', 'refs/gastown/incoming');
  if (out !== '') await git({ cwd, input: out }, 'update-ref', '--stdin');
}

/** A bare repository in order, made if it is missing or half made. `readers`: the group that may read it. */
export async function makeBare(git: Git, path: string, readers: number | null): Promise<Result<null>> {
  await letRead(path, readers);
  if ((await stat(join(path, 'objects')).catch(() => null)) === null) {
    await rm(join(path, 'config'), { force: true });
    const output = await git({ cwd: path }, 'init', '--quiet', '--bare', '--template=', path);
    if (!output.ok) return refuse(gitFailure(output, 'Could not make the mirror'));
  }
  await tidyMirror(git, path);
  return ok(null);
}

/** New files get the group of their folder. What was there before it was set is handed over once; the folder itself last, for it tells that all the rest has been. */
export async function letRead(path: string, group: number | null): Promise<void> {
  await mkdir(path, { recursive: true });
  if (group === null) return;
  const there = await stat(path);
  if (there.gid === group && (there.mode & SET_GROUP) !== 0) return;
  await runInCell(OWN, HAND_OVER, [String(group), path], undefined, LIMITS.cloneTimeoutMs.value);
}
const SET_GROUP = 0o2000;
const HAND_OVER = `find "$2" -mindepth 1 -exec chgrp -h -- "$1" {} + &&
  chmod -R g+rX-w,o-rwx -- "$2" &&
  find "$2" -mindepth 1 -type d -exec chmod g+s {} + &&
  chgrp -- "$1" "$2" &&
  chmod g+s -- "$2"`;

async function lookAt(remotes: Remotes, mirror: Mirror): Promise<Result<MirrorHead>> {
  const listed = await headsOf(remotes, mirror);
  if (!listed.ok) return listed;
  const { named, heads } = listed.value;
  if (heads.size === 0) return ok({ defaultBranch: await unbornBranch(remotes, mirror), empty: true, head: null });
  const defaultBranch = named ?? ['main', 'master'].find((name) => heads.has(name)) ?? [...heads.keys()][0]!;
  const head = Sha.safeParse(heads.get(defaultBranch));
  return ok({ defaultBranch, empty: false, head: head.success ? head.data : null });
}

/** What an empty repository calls the branch that is to come: only a clone is told (AG-19). `main` where the server does not say. */
async function unbornBranch(remotes: Remotes, mirror: Mirror): Promise<string> {
  const scratch = await scratchBeside(mirror.path, 'unborn');
  try {
    const cloned = await remotes.run(mirror.rigId, mirror.gitUrl, { cwd: scratch, config: { 'protocol.version': '2' } }, (url) => [
      'clone',
      '--quiet',
      '--bare',
      '--',
      url,
      'clone.git',
    ]);
    if (!cloned.ok || !cloned.value.ok) return 'main';
    const head = await readFile(join(scratch, 'clone.git', 'HEAD'), 'utf8');
    const name = /^ref: refs\/heads\/(\S+)/.exec(head)?.[1] ?? 'main';
    return parseWorkBranch(name) === null ? name : 'main';
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
