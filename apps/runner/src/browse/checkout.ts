import { createHash } from 'node:crypto';
import { lstat, mkdir, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { LIMITS, ok, refuse } from '@gastown/protocol';
import type { Result, Sha } from '@gastown/protocol';
import { gitFailure } from '../git/failures.ts';
import type { Git } from '../git/git.ts';
import type { Module } from '../modules/bring.ts';
import type { Outside } from '../git/outside.ts';
import type { Mirror } from '../git/mirror.ts';
import { exceptionsOf } from '../lfs/bring.ts';
import type { LfsHere } from '../lfs/bring.ts';
import { lfsConfig, writeExceptions } from '../lfs/store.ts';

/**
 * The files of one commit in a folder that only the runner writes, without a `.git` (MY-7), those of its submodules too. What is there already stays, so only what changed is written; whatever else is found there is put
 * right. The index by which git knows that lies with the mirror, where no cell writes.
 */
export async function checkOutAll(git: Git, mirror: Mirror, folder: string, { commit, outside }: All): Promise<Result<null>> {
  const rig = dirname(mirror.path);
  const { here } = outside.modules;
  await forgetModules(folder, join(rig, 'browse.modules.json'), here);
  const top = await checkOut(git, mirror, { folder, commit, lfs: outside.lfs, index: join(rig, 'browse.index') });
  if (!top.ok) return top;
  for (const module of here) {
    const path = join(folder, module.path);
    // No link of the commit around leads the files elsewhere.
    if ((await realpath(dirname(path)).catch(() => null)) !== join(await realpath(folder), dirname(module.path))) continue;
    const index = join(rig, `browse-${createHash('sha256').update(module.path).digest('hex').slice(0, 16)}.index`);
    const done = await checkOut(git, module.mirror, { folder: path, commit: module.commit, lfs: module.lfs, index });
    if (!done.ok) return done;
  }
  return ok(null);
}

interface All {
  readonly commit: Sha;
  readonly outside: Outside;
}

/** Removes the files of submodules that are not there any more, or are another repository's now: the commit around knows nothing of them. */
async function forgetModules(folder: string, note: string, modules: readonly Module[]): Promise<void> {
  const now = Object.fromEntries(modules.map(({ path, mirror }) => [path, mirror.path]));
  const before = Before.safeParse(JSON.parse(await readFile(note, 'utf8').catch(() => '{}')));
  for (const [path, mirror] of Object.entries(before.data ?? {}))
    if (now[path] !== mirror) await rm(join(folder, path), { recursive: true, force: true });
  await writeFile(note, JSON.stringify(now));
}
const Before = z.record(z.string(), z.string());

async function checkOut(git: Git, mirror: Mirror, { folder, index, commit, lfs }: Wanted): Promise<Result<null>> {
  const target = { index, commit, exceptions: `${index}.lfs.json` };
  await writeExceptions(target.exceptions, exceptionsOf(lfs));
  await removePointers(folder, lfs);
  const [hasFolder, hasIndex] = await Promise.all([exists(folder), exists(index)]);
  if (hasFolder && hasIndex && (await fill(git, mirror, { ...target, folder })).ok) return ok(null);
  // Anew, beside its place: who looks meanwhile sees nothing or all of it.
  const making = join(dirname(folder), `.making-${basename(folder)}`);
  for (const path of [folder, making, index, `${index}.lock`]) await rm(path, { recursive: true, force: true });
  await mkdir(making);
  const filled = await fill(git, mirror, { ...target, folder: making });
  if (!filled.ok) return refuse(gitFailure(filled, 'The files could not be checked out'));
  await rename(making, folder);
  return ok(null);
}

interface Wanted {
  readonly folder: string;
  readonly index: string;
  readonly commit: Sha;
  /** What of its files in Git LFS is there. */
  readonly lfs: LfsHere;
}

/** A file that was left a pointer is written anew when its content has come: for git it has not changed. */
async function removePointers(folder: string, { here }: LfsHere): Promise<void> {
  for (const { path, size } of here) {
    const there = await lstat(join(folder, path)).catch(() => null);
    if (there?.isFile() === true && there.size !== size) await rm(join(folder, path));
  }
}

interface Target {
  readonly folder: string;
  readonly index: string;
  readonly exceptions: string;
  readonly commit: Sha;
}

async function fill(git: Git, mirror: Mirror, { folder, index, exceptions, commit }: Target): ReturnType<Git> {
  const environment = { GIT_DIR: mirror.path, GIT_WORK_TREE: folder, GIT_INDEX_FILE: index };
  const at = {
    cwd: mirror.path,
    environment,
    config: { ...PLAIN, ...lfsConfig(mirror.path, exceptions) },
    timeoutMs: LIMITS.cloneTimeoutMs.value,
  };
  const done = await git(at, 'read-tree', '--reset', '-u', '--no-recurse-submodules', commit);
  if (done.ok) await makeLinks(git, at, folder);
  return done;
}

/** A link is written as a file that says where it leads, and made a link only when that is inside. */
const PLAIN = { 'core.symlinks': 'false', 'core.autocrlf': 'false', 'core.sparseCheckout': 'false' };

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

async function makeLinks(git: Git, at: Parameters<Git>[0], folder: string): Promise<void> {
  const listed = await git(at, 'ls-files', '--stage', '-z');
  for (const line of listed.out.split('\0')) {
    if (!line.startsWith('120000 ')) continue;
    const path = line.slice(line.indexOf('\t') + 1);
    const file = join(folder, path);
    if (!(await lstat(file)).isFile()) continue;
    const target = await readFile(file, 'utf8');
    if (!staysInside(path, target)) continue;
    await rm(file);
    await symlink(target, file);
  }
}

/** First up, at most to the top, then down: what lies on such a way is in the repository, also through other links that are so. */
export function staysInside(path: string, target: string): boolean {
  const parts = target.split('/');
  const ups = parts.findIndex((part) => part !== '..');
  const down = ups === -1 ? [] : parts.slice(ups);
  return !target.startsWith('/') && target !== '' && !down.includes('..') && parts.length - down.length <= path.split('/').length - 1;
}
