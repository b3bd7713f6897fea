/** `runner`: this machine works for a town that may be elsewhere. Stays in front until it is told to stop, or the town does not want it any more. */
import os from 'node:os';
import { LIMITS } from '@gastown/protocol';
import type { Result, RunnerSelf } from '@gastown/protocol';
import { agentKinds, agentPrograms, type AgentProgram } from '../agents.ts';
import { RUNNER_COMMAND, runnerEnvironment } from '../host/runner-program.ts';
import { VERSION } from '../project.ts';
import { addressOf } from '../runner/address.ts';
import type { Given } from '../runner/address.ts';
import type { Address } from '../runner/address.ts';
import { askTown } from '../runner/ask-town.ts';
import { defaultRunnerFolder, openRunnerFolder } from '../runner/folder.ts';
import type { RunnerFolder } from '../runner/folder.ts';
import { supervise } from '../runner/supervise.ts';
import type { Supervised, SuperviseOptions } from '../runner/supervise.ts';
import { logLine, openLog } from '../state/log-file.ts';
import { paint } from '../terminal/paint.ts';
import { plain } from '../terminal/plain.ts';
import type { Screen } from '../terminal/screen.ts';

export interface RunnerOptions extends Given {
  readonly state?: string;
}

/** `parts`: another runner than the project's own, for tests. */
export async function runner(
  options: RunnerOptions,
  screen: Screen,
  parts: Partial<Pick<SuperviseOptions, 'command' | 'firstWaitMs'>> = {},
): Promise<Result<null>> {
  // Whoever lists the processes of this machine, an agent say, reads how they were started.
  process.title = 'gastown runner';
  const address = addressOf(options);
  if (!address.ok) return address;
  const agents = agentPrograms();
  if (!agents.ok) return agents;
  const self = await screen.during(`Asking the town at ${address.value.origin}`, askTown(address.value));
  if (!self.ok) return self;
  const folder = await openRunnerFolder(options.state ?? defaultRunnerFolder(address.value.town));
  if (!folder.ok) return folder;
  try {
    screen.say(greeting(self.value, address.value, { folder: folder.value, programs: agents.value }));
    const supervised = start(address.value, folder.value, words(self.value, screen), parts);
    listen(supervised, screen);
    const over = await supervised.over;
    if (over.ok) screen.say(`Stopped. What is kept for the next time is in ${folder.value.root}.`);
    return over;
  } finally {
    folder.value.release();
  }
}

function start(
  { origin, town, token }: Address,
  { state, log }: RunnerFolder,
  tell: SuperviseOptions['tell'],
  { command = RUNNER_COMMAND, firstWaitMs }: Partial<SuperviseOptions>,
): Supervised {
  const file = openLog(log);
  logLine(file, `gastown ${VERSION} for ${town} at ${origin}`);
  const own = { GASTOWN_URL: origin, GASTOWN_TOWN: town, GASTOWN_RUNNER_TOKEN: token, GASTOWN_STATE: state };
  const drainMs = LIMITS.drainMs.value;
  return supervise({
    command,
    env: { ...runnerEnvironment(), ...own, GASTOWN_DRAIN_MS: String(drainMs) },
    folder: state,
    log: file,
    drainMs,
    tell,
    ...(firstWaitMs !== undefined && { firstWaitMs }),
  });
}

interface Here {
  readonly folder: RunnerFolder;
  readonly programs: readonly AgentProgram[];
}

function greeting({ town, runner: { name }, rigs, places, paused }: RunnerSelf, { origin }: Address, { folder, programs }: Here): string {
  const { root, log } = folder;
  const agents = agentKinds(programs).map(({ label }) => label);
  const lines: [string, string][] = [
    ['Town', `${plain(town.name)} at ${origin}`],
    [
      'Takes',
      `${takenText(rigs)}, ${places === null ? 'as many agents as the town may have' : `${places} ${places === 1 ? 'agent' : 'agents'} at once`}${paused ? paint.yellow(' (paused: nothing new is given to it)') : ''}`,
    ],
    ['Agents', agents.join(', ')],
    ['Keeps', `${root} (log: ${log})`],
    ['Stop', `Ctrl-C: what is under way may end, for up to ${LIMITS.drainMs.value / 60_000} minutes; again: at once, its work is kept`],
  ];
  return [
    '',
    `${paint.bold('Gastown')} ${VERSION} · runner ${paint.bold(plain(name))}`,
    '',
    ...lines.map(([what, text]) => `  ${paint.bold(what.padEnd(7))}${text}`),
    '',
  ].join('\n');
}

const takenText = (rigs: readonly string[] | null): string => {
  if (rigs === null) return 'every repository that no runner lists';
  return rigs.length === 0 ? 'no repository yet' : `only ${rigs.map(plain).join(', ')}`;
};

/** What happens, in words; nothing twice. */
function words({ town, runner: { name } }: RunnerSelf, screen: Screen): SuperviseOptions['tell'] {
  let link: 'new' | 'up' | 'cut' = 'new';
  let isolationSaid = false;
  return (told) => {
    switch (told.what) {
      case 'isolation':
        if (!isolationSaid) screen.say(`${isolationText(told.isolation, told.why)}\n`);
        isolationSaid = true;
        return;
      case 'linked':
        screen.say(
          link === 'cut' ? 'The town answers again.' : `${paint.green('Linked')}: ${plain(town.name)} sees this machine as ${plain(name)}.`,
        );
        link = 'up';
        return;
      case 'cut':
        if (link === 'up') screen.warn('The town does not answer. It is asked again until it does; what runs here goes on meanwhile.');
        link = link === 'new' ? 'new' : 'cut';
        return;
      case 'crashed':
        link = 'new';
        screen.warn(
          `The runner ended unexpectedly (${told.exit.signal ?? `code ${told.exit.code}`}). It is started anew in ${Math.ceil(told.waitMs / 1_000)} s.`,
        );
        return;
      default:
    }
  };
}

/** What agents and tests may do on this machine. */
function isolationText(isolation: 'users' | 'none', why: string | null): string {
  if (isolation === 'users')
    return [
      `${paint.bold('On this machine')} agents and tests run as users of their own: they have their own folders and the network. Files that any user`,
      'may read, and services that listen here, are open to them as to any user.',
    ].join('\n');
  const name = os.userInfo().username;
  return [
    `${paint.yellow('On this machine')} agents and tests run as you (${name}): what you can read, change and reach here, they can, as far as the town`,
    'lets them run commands. Whoever may tell its Mayor what to do decides what that is. Keep them apart from your own things in a virtual machine',
    `or a container, or by starting this as root${why === null ? '' : ` (not so now: ${why})`}.`,
  ].join('\n');
}

function listen(supervised: Supervised, screen: Screen): void {
  // A terminal that is gone takes no more words; the end goes on without it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  let asked = 0;
  const end = (): void => {
    asked += 1;
    if (asked === 1) screen.say('Ending: nothing new is taken, what is under way may end. Again: at once, its work is kept.');
    supervised.end();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, end);
  void supervised.over.finally(() => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.removeListener(name, end);
  });
}
