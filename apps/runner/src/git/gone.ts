import { readdirSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RigId } from '@gastown/protocol';
import { removeGateTree } from '../gates/tree.ts';
import { removeOwned } from '../system/cell.ts';
import type { KeyedLock } from '../system/keyed-lock.ts';
import type { Log } from '../system/log.ts';
import { unlessMissing } from '../system/missing.ts';
import { readSmallFile } from '../system/small-file.ts';
import type { Git } from './git.ts';
import { branchRef, pushedRef, remoteRef, rescuedThereRef, rescueRef } from './refs.ts';
import { isHalf, moveAway } from './repository.ts';

export interface GoneSurroundings {
  readonly git: Git;
  readonly locks: KeyedLock;
  readonly state: string;
  readonly log: Log;
}

/**
 * Removes what is kept of rigs that the town has no more: their code should be nowhere where it is not wanted. What may be the only copy of somebody's work stays, and so does everything that
 * cannot be looked at (`rig.kept` in the log); what a deletion that broke off has left (`rig.not_removed`) goes at a later welcome or the next start. Neither rejects.
 */
export interface GoneRigs {
  /** The town has these rigs. Which folders are looked at is settled before this returns: a rig that it names later is not among them. */
  told(known: readonly RigId[]): Promise<void>;
  /** Some work came to its end: a rig that was kept only for what was under way on it goes. */
  workEnded(): Promise<void>;
}

export function makeGoneRigs(around: GoneSurroundings): GoneRigs {
  /** Gone, with work under way. */
  const inUse = new Set<RigId>();
  const forgetAll = async (rigs: readonly RigId[]): Promise<void> => {
    await Promise.all(rigs.map((rigId) => around.locks.run(rigId, () => forget(around, rigId, inUse))));
  };
  return {
    async told(known) {
      inUse.clear();
      try {
        await forgetAll(rigsIn(around.state).filter((rigId) => !known.includes(rigId)));
      } catch (cause) {
        around.log('rig.not_looked_at', { why: String(cause) });
      }
    },
    workEnded: () => forgetAll([...inUse]),
  };
}

/** Is all that is kept in this folder of this town? The first town that comes has it; a folder that several towns were given keeps what it has. */
export async function holdsTown(state: string, town: string): Promise<boolean> {
  const file = join(state, 'rigs', 'town');
  const known = await unlessMissing(readFile(file, 'utf8'), null);
  if (known === null) await writeFile(file, town, { mode: 0o600 });
  return known === null || known === town;
}

/** What an earlier runner had begun to remove, and the merges that it was testing: nothing of these is at work any more. */
export async function clearHalfGone(state: string): Promise<void> {
  const rigs = join(state, 'rigs');
  for (const name of await readdir(rigs)) if (isHalf(name)) await removeOwned(join(rigs, name));
  for (const rigId of rigsIn(state)) {
    const gates = join(rigs, rigId, 'gates');
    for (const test of await unlessMissing(readdir(gates), [])) await removeGateTree(join(gates, test));
  }
}

export const rigsIn = (state: string): RigId[] => readdirSync(join(state, 'rigs')).flatMap((name) => RigId.safeParse(name).data ?? []);

async function forget(around: GoneSurroundings, rigId: RigId, inUse: Set<RigId>): Promise<void> {
  const folder = join(around.state, 'rigs', rigId);
  const mirror = join(folder, 'mirror.git');
  const wasInUse = inUse.delete(rigId);
  const work = await workOn(around, rigId, mirror).catch(String);
  const why = work ?? (await onlyPlace(around, mirror).catch(String));
  if (why === null) {
    const broken = await removed(folder);
    return around.log(broken === null ? 'rig.removed' : 'rig.not_removed', { rigId, ...(broken !== null && { why: broken }) });
  }
  if (work !== null) inUse.add(rigId);
  if (work === null || !wasInUse) around.log('rig.kept', { rigId, why });
}
/** Why it was not removed to the end; null: it was. */
const removed = (folder: string): Promise<string | null> =>
  moveAway(folder)
    .then((away) => away.remove())
    .then(() => null, String);

const ALTERNATES_BYTES = 65_536;

/** What is under way on it; null: nothing. */
async function workOn({ state }: GoneSurroundings, rigId: RigId, mirror: string): Promise<string | null> {
  if ((await unlessMissing(readdir(join(dirname(mirror), 'gates')), [])).length > 0) return 'a merge is under test';
  const notes = (await readdir(join(state, 'worktrees'))).filter((name) => name.endsWith('.json'));
  for (const note of notes)
    if ((await unlessMissing(readFile(join(state, 'worktrees', note), 'utf8'), '')).includes(JSON.stringify(rigId)))
      return 'a run works in it';
  return null;
}

/** What of somebody's work is nowhere else, or may be; null: nothing. */
async function onlyPlace({ git, state }: GoneSurroundings, mirror: string): Promise<string | null> {
  for (const aside of await unlessMissing(readdir(join(state, 'rescued')), []))
    if (
      (await unlessMissing(readSmallFile(join(state, 'rescued', aside, '.git/objects/info/alternates'), ALTERNATES_BYTES), '')).includes(
        mirror,
      )
    )
      return `rescued/${aside} borrows from it`;
  return onlyHere(git, mirror);
}

/** What of this mirror was never seen in its repository; null: nothing. */
async function onlyHere(git: Git, cwd: string): Promise<string | null> {
  if ((await unlessMissing(stat(join(cwd, 'objects')), null)) === null) return null;
  const ours = [branchRef('gt'), rescueRef('')];
  const theirs = [remoteRef(''), pushedRef(''), rescuedThereRef('')];
  const all = (refs: readonly string[]): string[] => refs.map((ref) => `--glob=${ref}`);
  const found = await git({ cwd }, 'rev-list', '--max-count=1', ...all(ours), '--not', ...all(theirs));
  if (!found.ok) return found.error;
  if (found.out.trim() !== '') return `commit ${found.out.trim()} is only here`;
  // A branch may be pushed without its files in Git LFS: nobody knows which of them the server has.
  if ((await unlessMissing(readdir(join(cwd, 'lfs', 'objects')), [])).length === 0) return null;
  const open = await git({ cwd }, 'for-each-ref', '--count=1', '--format=%(refname)', ...ours);
  if (!open.ok) return open.error;
  return open.out.trim() === '' ? null : `${open.out.trim()} has files in Git LFS`;
}
