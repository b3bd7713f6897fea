import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { inCell } from './cell.ts';
import type { Cell } from './cell.ts';

/** Which of its three files are pipes. */
type Pipes = readonly ['pipe' | 'ignore', 'pipe' | 'ignore', 'pipe' | 'ignore'];
type Started<P extends Pipes> = ChildProcess & {
  readonly pid: number;
  readonly stdin: P[0] extends 'pipe' ? NonNullable<ChildProcess['stdin']> : null;
  readonly stdout: P[1] extends 'pipe' ? NonNullable<ChildProcess['stdout']> : null;
  readonly stderr: P[2] extends 'pipe' ? NonNullable<ChildProcess['stderr']> : null;
};

/**
 * Starts a program in the cell, and rejects when the machine does not: without a file or a process left Node gives a child that has no pipes and says why a moment later, which ends a runner that did not wait for it. Whoever
 * waits may listen to its pipes and its end without missing anything.
 */
export async function startInCell<const P extends Pipes>(
  cell: Cell,
  program: string,
  args: readonly string[],
  options: Omit<SpawnOptions, 'stdio'> & { readonly stdio: P },
): Promise<Started<P>> {
  const inside = inCell(cell, program, args);
  const child = spawn(inside.program, inside.args, { ...options, stdio: [...options.stdio] });
  await once(child, 'spawn');
  // What is said later, of a signal that could not be sent say, ends nothing.
  child.on('error', () => undefined);
  return child as Started<P>;
}
