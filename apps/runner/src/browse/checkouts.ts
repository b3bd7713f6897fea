import { chmod, chown, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { checkoutFolders } from '@gastown/protocol';
import type { RigBrief } from '@gastown/protocol';
import { bringOutside, outsideText } from '../git/outside.ts';
import type { Remotes } from '../git/remote.ts';
import type { Cell } from '../system/cell.ts';
import type { Log } from '../system/log.ts';
import { freshMirror } from './browse.ts';
import type { BrowseSurroundings } from './browse.ts';
import { checkOutAll } from './checkout.ts';
import { commitFor } from './look.ts';

/**
 * The code of all rigs below the Mayor's desk, for an agent whose own tools read files (MY-7, MY-8): the head of each default branch. The runner owns the files and the Mayor's cell may only read them
 * (MY-10), so nothing that it does there can turn the runner's work against other files. Made when the Mayor starts, freshened before each of its turns, made again when it is gone.
 */
export interface Checkouts {
  /** Rejects never; what could not be freshened stays as it was, and the log says why. */
  freshen(rigs: readonly RigBrief[]): Promise<void>;
}

export interface Desk {
  readonly path: string;
  /** The Mayor's. */
  readonly cell: Cell;
}

export function makeCheckouts(around: BrowseSurroundings & { readonly remotes: Remotes; readonly log: Log }, desk: Desk): Checkouts {
  const root = join(desk.path, 'rigs');
  /** What is in each folder, as far as this process put it there. */
  const there = new Map<string, There>();

  const one = async (rig: RigBrief, folder: string): Promise<void> => {
    if (rig.defaultBranch === null) return;
    const fresh = await freshMirror(around, { rig_id: rig.id, git_url: rig.gitUrl });
    if (!fresh.ok) return told(rig, fresh.failure);
    const { mirror, stale } = fresh.value;
    if (stale !== null) told(rig, stale);
    const commit = await commitFor(around.git, mirror.path, rig.defaultBranch);
    // An empty repository has no files yet.
    if (!commit.ok || isDone(there.get(folder), commit.value)) return;
    const outside = await bringOutside(around.git, around.remotes, mirror, { commit: commit.value, trusted: commit.value, fresh: false });
    const done = await checkOutAll(around.git, mirror, folder, { commit: commit.value, outside });
    if (!done.ok) return told(rig, done.failure);
    const missing = outsideText(outside);
    if (missing !== null) around.log('browse.not_whole', { rigId: rig.id, message: missing });
    there.set(folder, { commit: commit.value, whole: missing === null, at: performance.now() });
  };
  const told = (rig: RigBrief, { code, message }: { code: string; message: string }): void =>
    around.log('browse.not_fresh', { rigId: rig.id, code, message });

  const all = async (rigs: readonly RigBrief[]): Promise<void> => {
    if (await makeRoot(root, desk.cell)) there.clear();
    const folders = checkoutFolders(rigs);
    const wanted = new Set([...folders.values()].map((folder) => basename(folder)));
    for (const name of await readdir(root)) {
      if (wanted.has(name)) continue;
      await rm(join(root, name), { recursive: true, force: true });
      there.delete(join(root, name));
    }
    const broken = (rig: RigBrief, cause: unknown): void => told(rig, { code: 'internal', message: String(cause) });
    await Promise.all(rigs.map((rig) => one(rig, join(desk.path, folders.get(rig.id)!)).catch((cause: unknown) => broken(rig, cause))));
  };
  return {
    freshen: (rigs) =>
      around.locks
        .run(`desk ${desk.path}`, () => all(rigs))
        .catch((cause: unknown) => around.log('browse.not_fresh', { reason: String(cause) })),
  };
}

interface There {
  readonly commit: string;
  readonly whole: boolean;
  readonly at: number;
}
/** What could not be brought is asked for again after a while. */
const isDone = (there: There | undefined, commit: string): boolean =>
  there?.commit === commit && (there.whole || performance.now() - there.at < AGAIN_MS);
const AGAIN_MS = 600_000;

/** The runner's, with the cell as the group that may read; made anew for another cell. True: there is nothing in it. */
async function makeRoot(root: string, { user }: Cell): Promise<boolean> {
  const there = await lstat(root).catch(() => null);
  if (there !== null && (user === null || there.gid === user.gid)) return false;
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { mode: 0o700 });
  if (user !== null) await chown(root, process.getuid!(), user.gid);
  // What is made below it gets the same group.
  await chmod(root, user === null ? 0o700 : 0o2750);
  return true;
}
