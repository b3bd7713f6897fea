import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseWorkBranch, RigId } from '@gastown/protocol';
import { z } from 'zod';
import { makingPath, moveAwayTo } from '../git/repository.ts';
import { unlessMissing } from '../system/missing.ts';

/** Whose work a worktree is that was put aside, and since when that is landed. Kept apart from `rescued/`, which is for a person to look at. */
const Note = z.object({ rigId: RigId, branch: z.string(), landedAt: z.number().nullable() });
type Note = z.infer<typeof Note>;

export const asideFolder = (state: string): string => join(state, 'rescued');
const notesFolder = (state: string): string => join(state, 'rescued-notes');
const notePath = (state: string, name: string): string => join(notesFolder(state), `${name}.json`);

export async function noteAside(state: string, name: string, work: Pick<Note, 'rigId' | 'branch'>): Promise<void> {
  await mkdir(notesFolder(state), { recursive: true, mode: 0o700 });
  await write(state, name, { rigId: work.rigId, branch: work.branch, landedAt: null });
}

/** The work on this branch is landed: what was put aside of its bead has its time from now on. */
export async function asidesLanded(state: string, rigId: RigId, branch: string, now: number): Promise<void> {
  const bead = parseWorkBranch(branch)?.bead8;
  for (const { name, note } of await notesIn(state)) {
    const ours = note !== null && note.rigId === rigId && bead !== undefined && parseWorkBranch(note.branch)?.bead8 === bead;
    if (ours && note.landedAt === null) await write(state, name, { ...note, landedAt: now });
  }
}

/**
 * Moves away, to be removed with the halves among the worktrees, what was put aside of work that landed `keepMs` ago. What is not known to have landed stays, for it may be the only copy of something: a person looks at it.
 * Gives the names.
 */
export async function removeLandedAsides(state: string, keepMs: number, now: number): Promise<string[]> {
  const removed: string[] = [];
  const there = new Set(await unlessMissing(readdir(asideFolder(state)), []));
  for (const { name, note } of await notesIn(state)) {
    if (there.has(name)) {
      if (note === null || note.landedAt === null || now - note.landedAt < keepMs) continue;
      // Its user may not enter where it lies, and it is removed as that user.
      await moveAwayTo(join(state, 'worktrees'), join(asideFolder(state), name));
      removed.push(name);
    }
    await rm(notePath(state, name), { force: true });
  }
  return removed;
}

async function notesIn(state: string): Promise<{ name: string; note: Note | null }[]> {
  const names = await unlessMissing(readdir(notesFolder(state)), []);
  const notes = names.filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  return Promise.all(
    notes.map(async (file) => {
      const name = file.slice(0, -'.json'.length);
      return { name, note: read(await readFile(notePath(state, name), 'utf8')) };
    }),
  );
}

function read(text: string): Note | null {
  try {
    return Note.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

async function write(state: string, name: string, note: Note): Promise<void> {
  const path = notePath(state, name);
  await writeFile(makingPath(path), JSON.stringify(note), { mode: 0o600 });
  await rename(makingPath(path), path);
}
