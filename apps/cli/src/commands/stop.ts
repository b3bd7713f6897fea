import { failure, ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { STOP_GRACE_MS } from '../host/town-process.ts';
import { allGone, endProcesses, signal } from '../machine/processes.ts';
import { ORPHAN_GRACE_MS } from '../state/orphans.ts';
import type { Screen } from '../terminal/screen.ts';
import { oneRunning } from './meant.ts';
import { remainsOn } from './which-state.ts';

/** Asks the launcher to stop, as Ctrl-C does, and waits until it is gone. What a killed launcher left behind is ended. */
export async function stop(options: { state?: string }, screen: Screen): Promise<Result<null>> {
  const remains = remainsOn(options.state);
  const running = oneRunning(options.state, 'stop');
  if (!running.ok) {
    if (remains.length === 0 || running.failure.code !== 'not_running') return running;
    await screen.during('Ending what a killed launcher left behind', endProcesses(remains, ORPHAN_GRACE_MS));
    screen.say(
      `Ended what a killed launcher left behind (${remains.length === 1 ? '1 process' : `${remains.length} processes`}). The state is kept.`,
    );
    return ok(null);
  }
  const { lock, folder } = running.value;
  signal(lock, 'SIGTERM');
  signal(lock, 'SIGCONT'); // one that was halted hears nothing before it goes on
  const gone = await screen.during('Stopping the agents and the town', allGone([lock], STOP_GRACE_MS + 15_000));
  if (!gone)
    return refuse(
      failure(
        'internal',
        `The launcher (process ${lock.pid}) does not end.`,
        undefined,
        `kill -9 ${lock.pid} ends it; the next start clears up.`,
      ),
    );
  screen.say(`Stopped. The state is kept in ${folder.root}.`);
  return ok(null);
}
