import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * Numbers for users and groups that exist on no list of the system, one for each key, kept in a file of the state folder so that they are the same after a restart.
 * Each state folder takes a block of its own at random from numbers that systemd leaves to nobody, so that two runners of one machine do not share any.
 */
export interface Ids {
  /** The number of this key, taken when it has none. */
  of(key: string): number;
  has(id: number): boolean;
}

const BLOCK = 256;
/** [first, last]: unused by convention, and what a container with few users has. */
const WIDE = [1_879_048_192, 2_147_483_646] as const;
const NARROW = [64_000, 64_999] as const;

const Kept = z.object({ first: z.number().int().positive(), taken: z.record(z.string(), z.number().int().min(0).max(BLOCK)) });

/** `keep`: which keys of an earlier time still name something. */
export function openIds(state: string, random: () => number, keep: (key: string) => boolean): Ids {
  const file = join(state, 'cells.json');
  const kept = existsSync(file) ? Kept.safeParse(readKept(file)).data : undefined;
  const first = kept?.first ?? pickBlock(random);
  const taken = new Map(Object.entries(kept?.taken ?? {}).filter(([key]) => keep(key)));
  const write = (): void => {
    writeFileSync(`${file}.fresh`, JSON.stringify({ first, taken: Object.fromEntries(taken) }), { mode: 0o600 });
    renameSync(`${file}.fresh`, file);
  };
  write();
  return {
    of(key) {
      const known = taken.get(key);
      if (known !== undefined) return first + known;
      const used = new Set(taken.values());
      const free = Array.from({ length: BLOCK }, (_, at) => at).find((at) => !used.has(at));
      if (free === undefined) throw new Error(`all ${BLOCK} users of this runner are taken`);
      taken.set(key, free);
      write();
      return first + free;
    },
    has: (id) => id >= first && id < first + BLOCK,
  };
}

function readKept(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function pickBlock(random: () => number): number {
  const [from, to] = isMapped(WIDE[1]) ? WIDE : NARROW;
  return from + Math.floor(random() * Math.floor((to - from + 1) / BLOCK)) * BLOCK;
}

/** In a user namespace only some numbers exist. */
function isMapped(id: number): boolean {
  const map = existsSync('/proc/self/uid_map') ? readFileSync('/proc/self/uid_map', 'utf8') : '0 0 4294967295';
  return map.split('\n').some((line) => {
    const [inside, , count] = line.trim().split(/\s+/).map(Number);
    return inside !== undefined && count !== undefined && id >= inside && id < inside + count;
  });
}
