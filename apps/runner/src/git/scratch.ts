import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Folders beside a mirror for the time of one look: whoever makes one removes it, unless it is killed. */
const KINDS = ['check', 'unborn'] as const;

export const scratchBeside = (mirror: string, kind: (typeof KINDS)[number]): Promise<string> => mkdtemp(join(dirname(mirror), `${kind}-`));

/** What an earlier runner left of these. */
export async function clearScratch(mirror: string): Promise<void> {
  const folder = dirname(mirror);
  const left = (await readdir(folder)).filter((name) => KINDS.some((kind) => name.startsWith(`${kind}-`)));
  await Promise.all(left.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}
