/** Which of the town servers that run here a command means: the one of a folder, the only one that runs, or the one that has the named town. */
import { BeadId, failure, ok, refuse } from '@gastown/protocol';
import type { Result, TownInfo } from '@gastown/protocol';
import { refusedFor } from '../host/next-step.ts';
import { workerClient } from '../host/worker-client.ts';
import { namedState } from '../state/start-command.ts';
import { plain } from '../terminal/plain.ts';
import type { Screen } from '../terminal/screen.ts';
import { reach } from './reach.ts';
import { allRunning, notRunning } from './which-state.ts';
import type { Running } from './which-state.ts';

/** Those of the given folder, or all that run here; refused with `not_running` when none does. */
export function runningServers(given: string | undefined): Result<readonly [Running, ...Running[]]> {
  const [first, ...others] = allRunning(given);
  return first === undefined ? refuse(notRunning(given)) : ok([first, ...others]);
}

/** The only one; refused with `several_running`, naming each, while there is more than one to choose from. `command` is what was typed, for the next step. */
export function oneRunning(given: string | undefined, command: string): Result<Running> {
  const running = runningServers(given);
  if (!running.ok) return running;
  const [only, ...others] = running.value;
  return others.length === 0 ? ok(only) : refuse(severalRunning(running.value, 'Say which one you mean.', command));
}

/** No bead has another id; `..`, say, would be a step of an address. */
export function beadNamed(id: string, town: string): Result<BeadId> {
  const named = BeadId.safeParse(id);
  return named.success
    ? ok(named.data)
    : refusedFor(town, failure('unknown_bead', `There is no bead ${JSON.stringify(id.slice(0, 100))}.`));
}

/** The one that has this town, by its name or id. Where more than one runs, `screen` is told which it is: beside the result, that a script reads. */
export async function runningWith(town: string, given: string | undefined, screen: Pick<Screen, 'note'>): Promise<Result<Running>> {
  const running = runningServers(given);
  if (!running.ok) return running;
  const [first, ...others] = running.value;
  if (STEPS.includes(town))
    return refuse(failure('unknown_town', `No town is reached by the name ${JSON.stringify(town)}, only by its id.`));
  if (others.length === 0) return ok(first);
  const found = await Promise.all(running.value.map(async (each) => ({ each, towns: await townsOf(each) })));
  const having = found.filter(({ towns }) => towns.ok && towns.value.some((known) => isNamed(known, town)));
  const [only, another] = having;
  if (only === undefined) return refuse(nowhere(town, found));
  if (another !== undefined)
    return refuse(
      severalRunning(
        having.map(({ each }) => each),
        `Each of them has a town ${JSON.stringify(town)}.`,
        '…',
      ),
    );
  screen.note(`In ${nameOf(only.each)}`);
  return ok(only.each);
}

/** An address takes these for steps, however they are written in it. */
const STEPS = ['.', '..'];

export async function townsOf(running: Running): Promise<Result<TownInfo[]>> {
  const reached = reach(running);
  return reached.ok ? workerClient(reached.value.url, reached.value.hostKey).towns() : reached;
}
const isNamed = ({ id, name }: TownInfo, town: string): boolean => id === town || name.toLowerCase() === town.toLowerCase();

/** For people, where there is more than one. */
export const nameOf = ({ folder, lock }: Running): string =>
  `${lock.demo ? 'the demo' : 'the town server'} in ${folder.root} (${lock.url ?? 'starting'})`;

function severalRunning(running: readonly Running[], why: string, command: string) {
  const choices = running.map(({ folder }) => `./gastown ${command}${namedState(folder)}`);
  return failure(
    'several_running',
    `${running.length} run here: ${running.map(nameOf).join(', ')}. ${why}`,
    undefined,
    choices.join(', or '),
  );
}

/** One that did not answer may have it. */
function nowhere(town: string, found: readonly { each: Running; towns: Result<TownInfo[]> }[]) {
  const silent = found.find(({ towns }) => !towns.ok);
  if (silent && !silent.towns.ok) return { ...silent.towns.failure, message: `${nameOf(silent.each)}: ${silent.towns.failure.message}` };
  const said = found.map(({ each, towns }) => `${nameOf(each)} has ${listed(towns.ok ? towns.value : [])}`);
  return failure('unknown_town', `There is no town ${JSON.stringify(town.slice(0, 100))} in what runs here: ${said.join('; ')}.`);
}
const listed = (towns: readonly TownInfo[]): string => towns.map(({ name, id }) => `${plain(name)} (${id})`).join(', ') || 'none';
