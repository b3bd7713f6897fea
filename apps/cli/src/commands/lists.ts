/** `./gastown towns` and `./gastown rigs`: what there is, for whoever must name one. */
import { nextStep, ok } from '@gastown/protocol';
import type { Result, RigRow, TownInfo } from '@gastown/protocol';
import { workerClient } from '../host/worker-client.ts';
import type { WorkerClient } from '../host/worker-client.ts';
import type { Screen } from '../terminal/screen.ts';
import { reach } from './reach.ts';
import { runningTown } from './which-state.ts';

interface ListOptions {
  readonly state?: string;
  readonly json?: boolean;
}

function client(state: string | undefined): Result<WorkerClient> {
  const running = runningTown(state);
  if (!running.ok) return running;
  const reached = reach(running.value);
  return reached.ok ? ok(workerClient(reached.value.url, reached.value.hostKey)) : reached;
}

export async function listTowns({ state, json }: ListOptions, screen: Screen): Promise<Result<null>> {
  const worker = client(state);
  if (!worker.ok) return worker;
  const towns = await worker.value.towns();
  if (!towns.ok) return towns;
  if (json) screen.say(JSON.stringify(towns.value));
  else screen.say(towns.value.map(townText).join('\n') || 'There is no town yet: create one on the page (./gastown link opens it).');
  return ok(null);
}
const townText = ({ id, name }: TownInfo): string => `${id}  ${name}`;

export async function listRigs({ state, json, town }: ListOptions & { readonly town: string }, screen: Screen): Promise<Result<null>> {
  const worker = client(state);
  if (!worker.ok) return worker;
  const rigs = await worker.value.rigs(town);
  if (!rigs.ok) return rigs;
  if (json) screen.say(JSON.stringify(rigs.value));
  else screen.say(rigs.value.map(rigText).join('\n') || 'No repository is connected: add one in Settings › Repositories.');
  return ok(null);
}

/** Why one cannot be used, and what to do, stands under it. */
const rigText = ({ id, name, state, paused, gitUrl, failure }: RigRow): string =>
  [
    `${id}  ${name.padEnd(20)} ${(paused ? 'paused' : state).padEnd(11)} ${gitUrl}`,
    ...(failure ? [`  ${failure.code}: ${failure.message}`, `  → ${nextStep(failure)}`] : []),
  ].join('\n');
