import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeOwned } from '../system/cell.ts';
import type { Log } from '../system/log.ts';

/** A pool's name holds model, rig and permissions: each change of settings makes a new one, and nobody says when an old one is over. What the Mayor remembers comes back from the town. */
const UNUSED_MS = 30 * 86_400_000;

/** Removes the folders of pools of which no process began for a month, and with them what holds their users. For the start of a runner, when none runs. Best effort. */
export async function removeUnusedPools(state: string, now: number, log: Log): Promise<void> {
  const agents = join(state, 'agents');
  const notes = await notesOf(join(state, 'worktrees'));
  for (const name of await readdir(agents).catch(() => [] as string[])) {
    // Each start of a process writes this file, see pool-process.ts.
    const begun = await stat(join(agents, name, 'home', '.gitconfig')).catch(() => null);
    if (begun === null || now - begun.mtimeMs < UNUSED_MS || notes.includes(JSON.stringify(name))) continue;
    const folders = [join(agents, `${name}.settings`), join(state, 'setup', name), join(agents, name)];
    for (const folder of folders)
      await removeOwned(folder).catch((cause: unknown) => log('pool.not_removed', { folder, reason: String(cause) }));
    log('pool.removed', { name });
  }
}

/** A worktree that an earlier runner left is kept with the rights of its pool's user: who is named there stays. */
async function notesOf(worktrees: string): Promise<string> {
  const names = (await readdir(worktrees).catch(() => [] as string[])).filter((name) => name.endsWith('.json'));
  return (await Promise.all(names.map((name) => readFile(join(worktrees, name), 'utf8').catch(() => '')))).join('\n');
}
