import { readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { rigsIn } from '../git/gone.ts';
import { isHalf, makingPath, moveAway } from '../git/repository.ts';
import { removeOwned } from '../system/cell.ts';
import { unlessMissing } from '../system/missing.ts';
import { runProgram } from '../system/program.ts';

/** Bytes by folder, from the state folder. */
const Sizes = z.record(z.string(), z.number());
type Sizes = z.infer<typeof Sizes>;

const sizesPath = (state: string): string => join(state, 'caches.json');
const MEASURE_MS = 600_000;

/** The time of a cache tells when a test last had it. */
export const markUsed = (cache: string, now = Date.now() / 1_000): Promise<void> => utimes(cache, now, now);

/** Takes long, for there are many small files, and may be done while tests run: the next start of the runner judges by it. */
export async function measureCaches(state: string): Promise<void> {
  const sizes: Sizes = {};
  for (const { folder } of (await cachesIn(state)).whole) {
    const call = { program: 'du', args: ['-sk', '--', folder], cwd: state, env: { PATH: '/usr/bin:/bin' }, timeoutMs: MEASURE_MS };
    // What goes while it is counted makes no difference.
    const told = /^(\d+)\s/.exec((await runProgram(call)).out);
    if (told !== null) sizes[folder] = Number(told[1]) * 1_024;
  }
  const path = sizesPath(state);
  await writeFile(makingPath(path), JSON.stringify(sizes), { mode: 0o600 });
  await rename(makingPath(path), path);
}

export interface CacheLimit {
  readonly bytes: number;
  readonly unusedMs: number;
}

/**
 * Moves caches of gates away that no test had for `unusedMs`, and, while all together are more than `bytes`, those that were used longest ago. They hold nothing but what can be had again; the next test makes its own. For the start of a
 * runner, when none runs.
 */
export async function removeUnusedCaches(
  state: string,
  { bytes, unusedMs }: CacheLimit,
  now: number,
): Promise<{ removed: string[]; bytes: number; remove: () => Promise<void> }> {
  const { whole, halves } = await cachesIn(state);
  const sizes = await readSizes(state);
  const sizeOf = (folder: string): number => sizes[folder] ?? 0;
  let total = whole.reduce((sum, { folder }) => sum + sizeOf(folder), 0);
  const before = total;
  const removed: string[] = [];
  const away: { remove(): Promise<void> }[] = [];
  for (const { folder, usedAt } of whole.toSorted((one, other) => one.usedAt - other.usedAt)) {
    if (now - usedAt < unusedMs && total <= bytes) break;
    away.push(await moveAway(folder));
    removed.push(folder);
    total -= sizeOf(folder);
  }
  return {
    removed,
    bytes: before - total,
    async remove() {
      for (const each of away) await each.remove();
      for (const half of halves) await removeOwned(half);
    },
  };
}

async function cachesIn(state: string): Promise<{ whole: { folder: string; usedAt: number }[]; halves: string[] }> {
  const whole: { folder: string; usedAt: number }[] = [];
  const halves: string[] = [];
  for (const rigId of rigsIn(state)) {
    const folder = join(state, 'rigs', rigId, 'caches');
    for (const name of await unlessMissing(readdir(folder), [])) {
      const path = join(folder, name);
      if (isHalf(name)) halves.push(path);
      else whole.push({ folder: path, usedAt: (await stat(path)).mtimeMs });
    }
  }
  return { whole, halves };
}

async function readSizes(state: string): Promise<Sizes> {
  const text = await unlessMissing(readFile(sizesPath(state), 'utf8'), '{}');
  try {
    return Sizes.safeParse(JSON.parse(text)).data ?? {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
