/**
 * The lock of the system on an open folder: held until the descriptor is closed, by whatever ends its holder. So it is never stale.
 * The program `flock` puts it on the descriptor that it inherits, which stays ours after its end; the script `gastown` does the same.
 */
import { spawn, spawnSync } from 'node:child_process';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Failure, Result } from '@gastown/protocol';
import { errnoOf, failureOfWrite } from './errno.ts';

const ON = (descriptor: number) => ['ignore', 'ignore', 'inherit', descriptor] as const;
const INHERITED = '3';

/** Waits for it in this thread: only where nobody holds it for longer than a moment. */
export function lockFolderNow(descriptor: number): Result<null> {
  const { status, error } = spawnSync('flock', [INHERITED], { stdio: [...ON(descriptor)] });
  if (error) return refuse(troubleOf(error));
  return status === 0 ? ok(null) : refuse(notLocked(status));
}

/** Resolves to false when somebody else holds it and `wait` is not wanted. */
export function lockFolder(descriptor: number, wait: boolean): Promise<Result<boolean>> {
  return new Promise((resolve) => {
    const child = spawn('flock', [...(wait ? [] : ['-n']), INHERITED], { stdio: [...ON(descriptor)] });
    child.once('error', (error) => resolve(refuse(troubleOf(error))));
    child.once('exit', (code) => resolve(code === 0 || (code === 1 && !wait) ? ok(code === 0) : refuse(notLocked(code))));
  });
}

function troubleOf(error: Error): Failure {
  if (errnoOf(error) === 'ENOENT') return failure('flock_missing');
  // Thrown where the system tells it, a moment later, it would be an end without a word.
  return failureOfWrite(error, 'the lock') ?? failure('internal', `flock did not start: ${error.message}.`);
}
const notLocked = (code: number | null): Failure => failure('internal', `flock ended with code ${code}.`);
