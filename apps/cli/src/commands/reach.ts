import { failure, ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { readKeys } from '../state/keys.ts';
import { startCommand, stateArgument } from '../state/start-command.ts';
import type { Running } from './which-state.ts';

interface Reached {
  readonly url: string;
  readonly hostKey: string;
}

/** Where the Worker of a running town answers, and the key that it answers to. */
export function reach({ folder, lock }: Running): Result<Reached> {
  const here = stateArgument(folder);
  if (lock.url === null)
    return refuse(
      failure(
        'not_running',
        `The town server on ${folder.root} is still starting.`,
        undefined,
        `Wait until it serves: ./gastown status${here} says so`,
      ),
    );
  const keys = readKeys(folder.keys);
  if (keys.ok && keys.value !== null) return ok({ url: lock.url, hostKey: keys.value.hostKey });
  const message = keys.ok ? `${folder.keys} is gone.` : keys.failure.message;
  // The launcher that runs still has them.
  const next = keys.ok ? `./gastown stop${here} puts it back; then start again: ${startCommand(folder)}` : undefined;
  return refuse(failure('keys_lost', message, undefined, next));
}
