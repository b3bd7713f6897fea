import { failure, ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { workerClient } from '../host/worker-client.ts';
import { readKeys } from '../state/keys.ts';
import type { Screen } from '../terminal/screen.ts';
import { runningTown } from './which-state.ts';
import type { Running } from './which-state.ts';

/** Prints a new sign-in link of the running town, alone on its line. */
export async function link(options: { state?: string }, screen: Screen): Promise<Result<null>> {
  const running = runningTown(options.state);
  if (!running.ok) return running;
  const made = await newLink(running.value);
  if (!made.ok) return made;
  screen.say(made.value);
  return ok(null);
}

export async function newLink({ folder, lock }: Running): Promise<Result<string>> {
  if (lock.url === null) return refuse(failure('not_running', `The town on ${folder.root} is still starting.`));
  const keys = readKeys(folder.keys);
  if (!keys.ok) return keys;
  if (keys.value === null) return refuse(failure('state_unwritable', `${folder.keys} is gone.`));
  return workerClient(lock.url, keys.value.hostKey).signInLink();
}
