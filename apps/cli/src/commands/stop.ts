import { failure, ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { STOP_GRACE_MS } from '../host/town-process.ts';
import { allGone, signal } from '../machine/processes.ts';
import type { Screen } from '../terminal/screen.ts';
import { runningTown } from './which-state.ts';

/** Asks the launcher to stop, as Ctrl-C does, and waits until it is gone. */
export async function stop(options: { state?: string }, screen: Screen): Promise<Result<null>> {
  const running = runningTown(options.state);
  if (!running.ok) return running;
  const { lock, folder } = running.value;
  signal(lock, 'SIGTERM');
  const gone = await screen.during('Stopping the agents and the town', allGone([lock], STOP_GRACE_MS + 15_000));
  if (!gone)
    return refuse(
      failure('internal', `The launcher (process ${lock.pid}) does not end. kill -9 ${lock.pid} ends it; the next start clears up.`),
    );
  screen.say(`Stopped. The state is kept in ${folder.root}.`);
  return ok(null);
}
