import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '@gastown/protocol';
import type { Git } from '../git/git.ts';
import { unlessMissing } from '../system/missing.ts';
import { localPointers } from './files.ts';
import { arrivingFolder, objectsFolder } from './store.ts';

export interface Pruned {
  readonly files: number;
  readonly bytes: number;
}
interface Stored {
  readonly oid: string;
  readonly path: string;
  readonly size: number;
}

/** What was arriving when an earlier runner ended: it comes again. For the start of a runner, when nothing arrives. */
export const forgetArriving = (mirror: string): Promise<void> => rm(arrivingFolder(mirror), { recursive: true, force: true });

/**
 * Removes objects of Git LFS that nobody wanted for `unusedMs`, as `git lfs prune` does: never one that a work branch, rescued work or a result of a merge names beyond the repository's own branches, for its server may not have it. What goes is
 * fetched again when it is wanted. For when nobody uses the rig. `isOver`: nothing more is to be removed.
 */
export async function pruneStore(git: Git, mirror: string, unusedMs: number, now: number, isOver: () => boolean): Promise<Result<Pruned>> {
  const old = await unused(mirror, now - unusedMs);
  let [files, bytes] = [0, 0];
  if (old.length > 0) {
    const named = await localPointers(git, mirror);
    if (!named.ok) return named;
    const kept = new Set(named.value.map(({ oid }) => oid));
    for (const { oid, path, size } of old) {
      if (isOver()) break;
      if (kept.has(oid)) continue;
      await rm(path, { force: true });
      files += 1;
      bytes += size;
    }
  }
  return { ok: true, value: { files, bytes } };
}

async function unused(mirror: string, before: number): Promise<Stored[]> {
  const folder = objectsFolder(mirror);
  const found: Stored[] = [];
  for (const each of await unlessMissing(readdir(folder, { recursive: true, withFileTypes: true }), [])) {
    if (!each.isFile()) continue;
    const path = join(each.parentPath, each.name);
    const { mtimeMs, size } = await stat(path);
    if (mtimeMs < before) found.push({ oid: each.name, path, size });
  }
  return found;
}
