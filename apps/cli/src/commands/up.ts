/** `up` and `demo`: starts and stays in front until told to stop. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { LIMITS, ok, refuse } from '@gastown/protocol';
import type { Failure, Result } from '@gastown/protocol';
import { VERSION } from '../project.ts';
import { forgetKeys, modelText } from '../runtime/environment.ts';
import { defaultState, pathsOf } from '../state/folder.ts';
import type { StateFolder } from '../state/folder.ts';
import { portFor } from '../state/last-port.ts';
import { paint } from '../terminal/paint.ts';
import type { Screen } from '../terminal/screen.ts';
import type { RunningTown, TownOptions } from '../town.ts';
import { newLink } from './link.ts';
import { stateArgument } from '../state/start-command.ts';
import { oneRunning } from './meant.ts';
import { pagePortTaken } from './page-port.ts';

export interface UpOptions {
  readonly state?: string;
  /** Absent: the last one of the folder. */
  readonly port?: number;
  readonly open: 'yes' | 'no' | 'auto';
  readonly json?: boolean;
  readonly demo: boolean;
  readonly newKeys?: boolean;
}

/** Ends of a process by a signal, as a shell counts them. */
const BY_SIGINT = 130;

/** `parts`: another Worker and runner than the project's own, for tests. */
export async function up(options: UpOptions, screen: Screen, parts: Pick<TownOptions, 'worker' | 'runner'> = {}): Promise<Result<null>> {
  const state = options.state ?? defaultState(options.demo);
  const variables = { ...process.env };
  forgetKeys(process.env);
  const { endStart, startTown } = await import('../town.ts'); // Miniflare takes a while to load: not for `--help` and `link`
  const signals = listenForSignals(() => endStart(state));
  const { port, insteadOf } =
    options.port === undefined ? await portFor(pathsOf(path.resolve(state))) : { port: options.port, insteadOf: null };
  const started = await startTown({
    state,
    port,
    portIsForOnce: insteadOf !== null,
    demo: options.demo,
    newKeys: options.newKeys ?? false,
    variables,
    screen,
    ...parts,
  });
  if (!started.ok && started.failure.code === 'already_running') return showRunning(state, started.failure, screen);
  if (insteadOf !== null) screen.warn(otherPort(insteadOf, port));
  if (!started.ok) return refuse(withPort(started.failure, port, pathsOf(path.resolve(state)), options.demo));
  const town = started.value;
  const ended = signals.untilStopped(town, screen);
  const link = await town.signInLink();
  if (!link.ok) {
    await town.stop();
    return link;
  }
  if (options.json) screen.json({ url: town.url, link: link.value, state: town.state, pid: process.pid });
  else screen.say(greeting(town, link.value, options));
  if (wantsBrowser(options)) openBrowser(link.value);
  await ended;
  if (!options.json) screen.say(`Stopped. The state is kept in ${town.state}.`);
  return ok(null);
}

/** A demo has other ports too, which say themselves what to do. */
const withPort = (refused: Failure, port: number, folder: StateFolder, demo: boolean): Failure =>
  refused.code === 'port_taken' && refused.next === undefined ? pagePortTaken(refused, port, folder, demo) : refused;

/** Bookmarks and runners of other machines look for it at the last one. */
const otherPort = (last: number, port: number): string =>
  `Port ${last}, on which this town was served last, is taken by another program: this start takes ${port}, the next one ${last} again if it is free. To stay on ${port}: --port ${port}.`;

/** Someone typed it twice: what they want is the page. */
async function showRunning(state: string, failure: Failure, screen: Screen): Promise<Result<null>> {
  screen.say(failure.message);
  const running = oneRunning(state, 'link');
  const link = running.ok ? await newLink(running.value) : running;
  screen.say(
    link.ok
      ? `\n  ${paint.bold('Open')}   ${paint.cyan(link.value)}\n`
      : `A sign-in link: ./gastown link${stateArgument(pathsOf(path.resolve(state)))}`,
  );
  return ok(null);
}

function greeting({ url, state, offer }: RunningTown, link: string, { demo, state: wanted }: UpOptions): string {
  const here = wanted === undefined ? '' : stateArgument(pathsOf(path.resolve(wanted)));
  const minutes = LIMITS.signInCodeMs.value / 60_000;
  const model = demo ? 'scripted: it plays stories over the sample repository' : modelText(offer);
  return [
    '',
    `${paint.bold('Gastown')} ${VERSION}${demo ? ' · demo' : ''} is running at ${url}`,
    '',
    `  ${paint.bold('Open')}   ${paint.cyan(link)}`,
    `         ${paint.dim(`signs in once, within ${minutes} minutes; another: ./gastown link${here}`)}`,
    `  ${paint.bold('Model')}  ${offer.defaultModel === null ? paint.yellow(model) : model}`,
    `  ${paint.bold('State')}  ${state}`,
    `  ${paint.bold('Stop')}   Ctrl-C, or ./gastown stop${here}`,
    '',
  ].join('\n');
}

/**
 * What a signal means: while starting, end at once what was started; while running, stop in order; while stopping, end everything at once.
 */
interface Signals {
  /** Resolves when the town was told to stop and has stopped. */
  untilStopped(town: RunningTown, screen: Screen): Promise<void>;
}

function listenForSignals(endStart: () => void): Signals {
  let act = (): void => {
    endStart();
    process.stderr.write('Stopped before it was up; nothing is lost.\n');
    process.exit(BY_SIGINT);
  };
  // A terminal that is gone takes no more words; the stop goes on without it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => act());
  return {
    untilStopped: (town, screen) =>
      new Promise((resolve, reject) => {
        act = () => {
          act = () => {
            town.kill();
            process.exit(BY_SIGINT);
          };
          screen.during('Stopping the agents and the town (again: at once)', town.stop()).then(resolve, reject);
        };
      }),
  };
}

const wantsBrowser = ({ open, json }: UpOptions): boolean =>
  open === 'yes' || (open === 'auto' && !json && Boolean(process.stdout.isTTY) && hasDesktop());
const hasDesktop = (): boolean => process.platform === 'darwin' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);

/** The link is printed anyway: a machine without a browser program loses nothing. */
function openBrowser(link: string): void {
  const child = spawn(process.platform === 'darwin' ? 'open' : 'xdg-open', [link], { detached: true, stdio: 'ignore' });
  child.once('error', () => undefined);
  child.unref();
}
