import { readFileSync } from 'node:fs';
import { failure } from '@gastown/protocol';
import type { Failure } from '@gastown/protocol';

/** A town at work has some dozens in each of its processes, and each program that is started takes three more; Linux gives 1024. */
const LEAST = 256;

/** Why this process may open too few files, and so all that it starts; null: enough, or the machine does not tell. */
export function tooFewFiles(limits = ownLimits()): Failure | null {
  // Node has raised its own limit as far as it may.
  const most = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  if (most === undefined || Number(most) >= LEAST) return null;
  return failure(
    'machine_full',
    `Programs here may have ${most} open files; ${LEAST} are needed.`,
    undefined,
    'Raise the limit, ulimit -n 1024, and start again.',
  );
}

function ownLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}
