import { readdirSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RigId } from '@gastown/protocol';
import { removeOwned } from '../system/cell.ts';
import type { KeyedLock } from '../system/keyed-lock.ts';
import type { Log } from '../system/log.ts';
import type { Git } from './git.ts';
import { branchRef, pushedRef, remoteRef, rescuedThereRef, rescueRef } from './refs.ts';

export interface GoneSurroundings {
  readonly git: Git;
  readonly locks: KeyedLock;
  readonly state: string;
  readonly log: Log;
}

/**
 * Removes what is kept of rigs that the town has no more: their code should be nowhere where it is not wanted. What work is under way on, or what holds
 * commits that the repository was never seen to have, stays (`rig.kept` in the log). Which folders are looked at is settled before this returns: a rig that
 * the town names later is not among them. Rejects never.
 */
export function forgetGoneRigs(around: GoneSurroundings, known: readonly RigId[]): Promise<void> {
  const names = readdirSync(join(around.state, 'rigs'));
  const gone = names.flatMap((name) => RigId.safeParse(name).data ?? []).filter((rigId) => !known.includes(rigId));
  const forgotten = gone.map((rigId) => around.locks.run(rigId, () => forget(around, rigId)).catch(told(around.log, rigId)));
  return Promise.all(forgotten).then(() => undefined);
}

const told =
  (log: Log, rigId: RigId) =>
  (cause: unknown): void =>
    log('rig.not_removed', { rigId, reason: String(cause) });

async function forget(around: GoneSurroundings, rigId: RigId): Promise<void> {
  const folder = join(around.state, 'rigs', rigId);
  const why = (await isUnderWay(around.state, rigId)) ? 'work is under way' : await onlyHere(around.git, join(folder, 'mirror.git'));
  if (why !== null) return around.log('rig.kept', { rigId, why });
  for (const inside of await readdir(folder).catch(() => [] as string[]))
    for (const owned of inside === 'caches' || inside === 'gates' ? await readdir(join(folder, inside)) : [])
      await removeOwned(join(folder, inside, owned));
  await removeOwned(folder);
  around.log('rig.removed', { rigId });
}

/** A worktree of it, or a test of a merge. */
async function isUnderWay(state: string, rigId: RigId): Promise<boolean> {
  const tests = await readdir(join(state, 'rigs', rigId, 'gates')).catch(() => [] as string[]);
  if (tests.length > 0) return true;
  const notes = (await readdir(join(state, 'worktrees'))).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(notes.map((name) => readFile(join(state, 'worktrees', name), 'utf8').catch(() => '')));
  return texts.some((text) => text.includes(JSON.stringify(rigId)));
}

/** A commit of this mirror that was never seen in its repository; null: there is none. */
async function onlyHere(git: Git, cwd: string): Promise<string | null> {
  if ((await stat(join(cwd, 'objects')).catch(() => null)) === null) return null;
  const ours = [branchRef('gt'), rescueRef('')];
  const theirs = [remoteRef(''), pushedRef(''), rescuedThereRef('')];
  const all = (refs: readonly string[]): string[] => refs.map((ref) => `--glob=${ref}`);
  const found = await git({ cwd }, 'rev-list', '--max-count=1', ...all(ours), '--not', ...all(theirs));
  if (!found.ok) return found.error;
  return found.out.trim() === '' ? null : `commit ${found.out.trim()} is only here`;
}
