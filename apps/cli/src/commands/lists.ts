/** `./gastown towns` and `./gastown rigs`: what there is, for whoever must name one. */
import { nextStep, ok, refuse } from '@gastown/protocol';
import type { Result, RigRow, TownInfo } from '@gastown/protocol';
import { workerClient } from '../host/worker-client.ts';
import { plain } from '../terminal/plain.ts';
import type { Screen } from '../terminal/screen.ts';
import { namedState, stateArgument } from '../state/start-command.ts';
import { nameOf, runningServers, runningWith, townsOf } from './meant.ts';
import { reach } from './reach.ts';
import type { Running } from './which-state.ts';

interface ListOptions {
  readonly state?: string;
  readonly json?: boolean;
}

/** Of all that run here; with more than one each has its heading. */
export async function listTowns({ state, json }: ListOptions, screen: Screen): Promise<Result<null>> {
  const running = runningServers(state);
  if (!running.ok) return running;
  const asked = await Promise.all(running.value.map(async (each) => ({ running: each, towns: await townsOf(each) })));
  const found = asked.flatMap(({ running: of, towns }): Found[] => (towns.ok ? [{ running: of, towns: towns.value }] : []));
  const silent = asked.flatMap(({ running: of, towns }) =>
    towns.ok ? [] : [{ ...towns.failure, message: `${nameOf(of)}: ${towns.failure.message}` }],
  );
  if (found.length === 0 && silent[0]) return refuse(silent[0]);
  for (const { message } of silent) screen.warn(message);
  if (json) screen.json({ towns: found.flatMap(({ running: of, towns }) => towns.map((town) => ({ ...town, state: of.folder.root }))) });
  else screen.say(found.map((each) => listText(each, asked.length > 1)).join('\n'));
  return ok(null);
}
interface Found {
  readonly running: Running;
  readonly towns: readonly TownInfo[];
}
function listText({ running, towns }: Found, headed: boolean): string {
  const link = `./gastown link${headed ? namedState(running.folder) : stateArgument(running.folder)}`;
  const text = towns.map(townText).join('\n') || `There is no town yet: create one on the page (${link} opens it).`;
  return headed ? `${capitalised(nameOf(running))}:\n${text}` : text;
}
const capitalised = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
const townText = ({ id, name }: TownInfo): string => `${id}  ${plain(name)}`;

export async function listRigs({ state, json, town }: ListOptions & { readonly town: string }, screen: Screen): Promise<Result<null>> {
  const running = await runningWith(town, state, screen);
  if (!running.ok) return running;
  const reached = reach(running.value);
  if (!reached.ok) return reached;
  const rigs = await workerClient(reached.value.url, reached.value.hostKey).rigs(town);
  if (!rigs.ok) return rigs;
  if (json) screen.json({ rigs: rigs.value });
  else screen.say(rigs.value.map(rigText).join('\n') || 'No repository is connected: add one in Settings › Repositories.');
  return ok(null);
}

/** Why one cannot be used, and what to do, stands under it. */
const rigText = ({ id, name, state, paused, gitUrl, failure }: RigRow): string =>
  [
    `${id}  ${plain(name).padEnd(20)} ${(paused ? 'paused' : state).padEnd(11)} ${plain(gitUrl)}`,
    ...(failure ? [`  ${failure.code}: ${plain(failure.message)}`, `  → ${nextStep(failure)}`] : []),
  ].join('\n');
