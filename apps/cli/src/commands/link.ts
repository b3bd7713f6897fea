import { ok } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { workerClient } from '../host/worker-client.ts';
import type { Screen } from '../terminal/screen.ts';
import { reach } from './reach.ts';
import { oneRunning } from './meant.ts';
import type { Running } from './which-state.ts';

/** Prints a new sign-in link of the running town, alone on its line. */
export async function link(options: { state?: string }, screen: Screen): Promise<Result<null>> {
  const running = oneRunning(options.state, 'link');
  if (!running.ok) return running;
  const made = await newLink(running.value);
  if (!made.ok) return made;
  screen.say(made.value);
  return ok(null);
}

export async function newLink(running: Running): Promise<Result<string>> {
  const reached = reach(running);
  return reached.ok ? workerClient(reached.value.url, reached.value.hostKey).signInLink() : reached;
}
