import { join } from 'node:path';
import { LIMITS } from '@gastown/protocol';
import { runInCell } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import type { Git, GitOutput } from './git.ts';

/**
 * Writes the files of HEAD in a repository where nobody is at work. A git that was killed in the middle (what is left of an agent is ended by its user, and this may be hit with it) leaves a lock that nobody
 * holds: it is taken away, and the files are written again.
 */
export async function checkOut({ git, cell }: { git: Git; cell: Cell }, path: string): Promise<GitOutput> {
  const fill = (): Promise<GitOutput> => git({ cwd: path, timeoutMs: LIMITS.cloneTimeoutMs.value }, 'reset', '--hard', '--quiet');
  const filled = await fill();
  if (filled.ok || !filled.error.includes('index.lock')) return filled;
  await runInCell(cell, 'rm -f -- "$1"', [join(path, '.git', 'index.lock')]);
  return fill();
}
