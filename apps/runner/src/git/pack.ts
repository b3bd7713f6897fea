import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import { lines } from './remote.ts';

/** Loose objects and packs beyond which git slows down; its own numbers are 6,700 and 50. */
const MOST_LOOSE = 2_000;
const MOST_PACKS = 30;
/** A merge result that waited for longer is built anew. */
const MERGE_DAYS = 14;
const PACK_MS = 600_000;

/**
 * Keeps a mirror small that is used for months: results of merges long past are forgotten, refs and objects packed. No object goes away, for the repositories of runs and gates borrow them. To be done
 * while nothing else changes the rig. Best effort: a mirror that could not be packed works as before.
 */
export async function packMirror(git: Git, { path: cwd }: Mirror, now: number): Promise<void> {
  await forgetOldMerges(git, cwd, now);
  await git({ cwd }, 'pack-refs', '--all', '--prune');
  const { loose, packs } = await counted(git, cwd);
  if (loose > MOST_LOOSE || packs > MOST_PACKS) await git({ cwd, timeoutMs: PACK_MS }, 'repack', '--geometric=2', '-d', '--quiet');
}

async function forgetOldMerges(git: Git, cwd: string, now: number): Promise<void> {
  const listed = await git({ cwd }, 'for-each-ref', '--format=%(committerdate:unix) %(refname)', 'refs/gastown/merges');
  const oldest = now / 1_000 - MERGE_DAYS * 86_400;
  const old = lines(listed.out).filter((line) => Number(line.split(' ')[0]) < oldest);
  const input = old.map((line) => `delete ${line.slice(line.indexOf(' ') + 1)}\n`).join('');
  if (input !== '') await git({ cwd, input }, 'update-ref', '--stdin');
}

async function counted(git: Git, cwd: string): Promise<{ loose: number; packs: number }> {
  const { out } = await git({ cwd }, 'count-objects', '-v');
  const read = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(out)?.[1] ?? 0);
  return { loose: read('count'), packs: read('packs') };
}
