import { join } from 'node:path';
import { inCell } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import { runProgram } from '../system/program.ts';
import type { SessionWish } from './driver.ts';

/** What a repository says to agents stands at its top, in the first of these that says something. */
export const RULE_FILES = ['AGENTS.md', 'CLAUDE.md'] as const;
/** More is not told: rules are read with every call of the model. */
export const MOST_RULE_BYTES = 100_000;
const READ_MS = 5_000;

/** Only a file of the folder itself: a link may lead to what only programs may read. */
const SCRIPT = `cd -- "$1" && root=$(pwd -P) && file=$(realpath -- "$2") && case $file in "$root"/*) ;; *) exit 1 ;; esac
[ -f "$file" ] && [ "$(wc -c <"$file")" -le ${MOST_RULE_BYTES} ] && cat -- "$file"`;

/** The wish of a session, with the rules of its folder in its role where its agent takes them only together with settings, which can run programs. */
export async function withRules(cell: Cell, wish: SessionWish): Promise<SessionWish> {
  if (wish.kind.rulesWithRole !== true) return wish;
  for (const name of RULE_FILES) {
    const text = await textOf(cell, wish.cwd, name);
    if (text.trim() === '' || text.includes('\0')) continue;
    return { ...wish, rolePrompt: `${wish.rolePrompt}\n\nInstructions from: ${join(wish.cwd, name)}\n${text}` };
  }
  return wish;
}

/** Read with the rights of the agent: it could tell itself no more. Empty: there is none. */
async function textOf(cell: Cell, folder: string, name: string): Promise<string> {
  const { exitCode, out } = await runProgram({
    ...inCell(cell, '/bin/sh', ['-c', SCRIPT, 'cell', folder, name]),
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
    timeoutMs: READ_MS,
    mostOutput: MOST_RULE_BYTES,
  });
  return exitCode === 0 ? out : '';
}
