import { failure, ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { STOP_GRACE_MS } from '../host/town-process.ts';
import { allGone, endProcesses, isOfThisUser, signal } from '../machine/processes.ts';
import { ORPHAN_GRACE_MS } from '../state/orphans.ts';
import type { Screen } from '../terminal/screen.ts';
import type { StateFolder } from '../state/folder.ts';
import { namedState } from '../state/start-command.ts';
import { nameOf, oneRunning } from './meant.ts';
import { remainsOn } from './which-state.ts';
import type { Running } from './which-state.ts';

/** One runs, and of another only what it started: which is meant, nobody can guess. */
const eitherOf = (running: Running, killed: StateFolder) =>
  failure(
    'several_running',
    `${nameOf(running)} runs; the launcher of ${killed.root} was killed, and what it started is still there. Say which one you mean.`,
    undefined,
    `./gastown stop${namedState(running.folder)}, or ./gastown stop${namedState(killed)}`,
  );

/** Asks the launcher to stop, as Ctrl-C does, and waits until it is gone. What a killed launcher left behind is ended. */
export async function stop(options: { state?: string }, screen: Screen): Promise<Result<null>> {
  const remains = remainsOn(options.state);
  const running = oneRunning(options.state, 'stop');
  if (!running.ok) {
    const left = remains.flatMap(({ processes }) => processes);
    if (left.length === 0 || running.failure.code !== 'not_running') return running;
    await screen.during('Ending what a killed launcher left behind', endProcesses(left, ORPHAN_GRACE_MS));
    screen.say(
      `Ended what a killed launcher left behind (${left.length === 1 ? '1 process' : `${left.length} processes`}). The state is kept.`,
    );
    return ok(null);
  }
  const { lock, folder } = running.value;
  // A launcher leaves processes of its own user behind; any other, an agent's say, may carry what mark it likes (I15).
  const killed = remains.find(({ processes }) => processes.some(isOfThisUser));
  if (killed !== undefined) return refuse(eitherOf(running.value, killed.folder));
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
