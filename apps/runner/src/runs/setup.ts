import { join } from 'node:path';
import { failure, LIMITS, ok, refuse } from '@gastown/protocol';
import type { Failure, GateResult, Result, SetupCommand } from '@gastown/protocol';
import { runGate } from '../gates/run-gate.ts';
import { cellVariables, makeCellFolder, makeFoldersInCell, makePassage } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';

/**
 * What prepares a worktree before the agent's session opens, or the tree of a merge before its gates (AG-22): the commands of the rig, one after the other, as the user of the agent or of the test. The first
 * required one that fails ends it; one that is not required may fail. Each is told, with the end of its output.
 */
interface SetupSurroundings {
  readonly cwd: string;
  readonly cell: Cell;
  /** Everything that a command sees; its HOME lies below the state folder, so that strays are found. */
  readonly environment: Readonly<Record<string, string>>;
  readonly redact: (text: string) => string;
  /** As each is over: in words, and whether it succeeded. */
  readonly told: (notice: string, done: GateResult & { readonly succeeded: boolean }) => void;
  /** What a person does about one that failed. */
  readonly next: string;
  /** Its reason is a failure: that ends it. */
  readonly off?: AbortSignal;
}

export async function prepare(around: SetupSurroundings, commands: readonly SetupCommand[]): Promise<Result<null>> {
  const { cwd, cell, environment, redact, next, off } = around;
  for (const { command, required, timeoutMs } of commands) {
    const done = await runGate({ command, cwd, cell, environment, timeoutMs, redact, ...(off && { off }) });
    if (off?.aborted === true) return refuse(off.reason as Failure);
    const output = done.output.slice(-LIMITS.setupOutputCharacters.value).trim();
    const end = endOf(done, timeoutMs);
    around.told(noticeOf(command, end, output), { ...done, succeeded: end === null });
    if (end !== null && required)
      return refuse(
        failure('setup_failed', `The setup command "${command.slice(0, 200)}" ${end}.`, { command, output, exitCode: done.exitCode }, next),
      );
  }
  return ok(null);
}

/** Null: it succeeded. */
function endOf({ exitCode, timedOut }: GateResult, timeoutMs: number): string | null {
  if (timedOut) return `took longer than the ${Math.round(timeoutMs / 1_000)} seconds that it may take`;
  return exitCode === 0 ? null : `ended with ${exitCode === null ? 'a signal' : `exit code ${exitCode}`}`;
}
const noticeOf = (command: string, end: string | null, output: string): string =>
  `Setup: ${command} ${end ?? 'succeeded'}.${end !== null && output ? `\n${output}` : ''}`;

/** A home for what the commands of one cell keep, downloads say. It lies below the state folder, so that strays are found by it. */
export async function setupHome(state: string, cell: Cell): Promise<Record<string, string>> {
  const homes = join(state, 'setup');
  await makePassage(homes);
  const home = join(homes, cell.name);
  await makeCellFolder(cell, home);
  const temporary = join(home, 'tmp');
  await makeFoldersInCell(cell, [temporary]);
  return { ...cellVariables(home), TMPDIR: temporary };
}
