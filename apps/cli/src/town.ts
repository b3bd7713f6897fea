/**
 * A running installation: lock, keys, container host, the Worker in workerd, and in a demo the rehearsal servers.
 *
 * It owns all of these; `up` and `demo` start it, tests and stories may. Order of the start: lock, register, orphans, port, build, host, Worker, boot.
 * Order of the end: runners (they say goodbye to the Worker), Worker, rehearsal, register, lock. A crash at any point leaves a stale lock, a stale
 * entry and processes that carry this folder's mark: the next start ends them.
 */
import { existsSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { failure, nextStep, ok, refuse } from '@gastown/protocol';
import type { Failure, Result, UnreadableSecrets } from '@gastown/protocol';
import { agentKinds, agentPrograms, type AgentProgram } from './agents.ts';
import { buildWhatChanged } from './build/build.ts';
import { startRehearsal } from './demo/rehearsal.ts';
import type { Rehearsal } from './demo/rehearsal.ts';
import { startContainerHost } from './host/container-host.ts';
import type { ContainerHost } from './host/container-host.ts';
import { RUNNER_COMMAND, runnerEnvironment } from './host/runner-program.ts';
import { workerClient } from './host/worker-client.ts';
import type { WorkerClient } from './host/worker-client.ts';
import { processesOfState } from './machine/marks.ts';
import { errnoOf, failureOfWrite } from './machine/errno.ts';
import { checkPort } from './machine/port.ts';
import { signal } from './machine/processes.ts';
import type { ProcessFacts } from './machine/processes.ts';
import { ROOT, VERSION } from './project.ts';
import { watchClock } from './runtime/clock-watch.ts';
import { modelOffer } from './runtime/environment.ts';
import type { ModelOffer } from './runtime/environment.ts';
import { guardMemory } from './runtime/memory-guard.ts';
import { ownerFromGit } from './runtime/owner.ts';
import { answersWithin } from './runtime/readiness.ts';
import { startWorkers } from './runtime/workers.ts';
import { damagedDatabases } from './state/databases.ts';
import { openStateFolder, pathsOf } from './state/folder.ts';
import type { StateFolder } from './state/folder.ts';
import { keepKeys, openKeys } from './state/keys.ts';
import type { Keys } from './state/keys.ts';
import { keepPort } from './state/last-port.ts';
import { runningLock, takeLock } from './state/lock.ts';
import type { Lock } from './state/lock.ts';
import { logLine, openLog } from './state/log-file.ts';
import type { LogFile } from './state/log-file.ts';
import { endOrphans } from './state/orphans.ts';
import { enterRegister, leaveRegister } from './state/register.ts';
import { namedState, startCommand } from './state/start-command.ts';
import { many } from './terminal/many.ts';
import type { Screen } from './terminal/screen.ts';

export interface TownOptions {
  readonly state: string;
  readonly port: number;
  /** The folder keeps another, which the next start takes again. */
  readonly portIsForOnce?: boolean;
  readonly demo: boolean;
  /** Where the keys are lost, new ones are wanted. */
  readonly newKeys?: boolean;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly screen: Screen;
  /** Folder of the Worker's package and the runner's command: the project's own unless a test brings others. */
  readonly worker?: string;
  readonly runner?: readonly [string, ...string[]];
}

export interface RunningTown {
  readonly url: string;
  readonly state: string;
  readonly offer: ModelOffer;
  signInLink(): Promise<Result<string>>;
  /** Again: the same end. */
  stop(): Promise<void>;
  /** Ends everything at once. */
  kill(): void;
}

/** What is open so far, in the order of opening; closed in the reverse one. */
type Closers = (() => Promise<void> | void)[];

const READY_MS = 10_000;

export async function startTown(options: TownOptions): Promise<Result<RunningTown>> {
  const state = openStateFolder(options.state, VERSION);
  if (!state.ok) return state;
  const closers: Closers = [];
  try {
    const started = await startIn(state.value, options, closers);
    if (!started.ok) await closeAll(closers);
    return started;
  } catch (cause) {
    await closeAll(closers);
    const known = failureOfWrite(cause, state.value.root);
    if (known === null) throw cause;
    return refuse(known);
  }
}

/** Ends at once what a start of this process has begun on a state folder, and nothing of another launcher's. */
export function endStart(wanted: string): void {
  const folder = path.resolve(wanted);
  if (!existsSync(folder)) return;
  const state = pathsOf(realpathSync(folder));
  if (runningLock(state.lock)?.pid !== process.pid) return;
  for (const each of processesOfState(state.root)) signal(each, 'SIGKILL');
  leaveRegister(state);
  rmSync(state.lock);
}

async function startIn(state: StateFolder, options: TownOptions, closers: Closers): Promise<Result<RunningTown>> {
  const { port, screen } = options;
  const taken = takeLock(state.lock, { version: VERSION, demo: options.demo, startedAt: Date.now(), port });
  if (!taken.ok) return taken;
  const lock = taken.value;
  closers.push(() => lock.release());
  enter(state, screen);
  closers.push(() => leaveRegister(state));
  const log = openLog(path.join(state.logs, 'launcher.log'));
  await endLeftOvers(state, screen, log);
  const keys = openKeys(state, options.newKeys);
  if (!keys.ok) return keys.failure.code === 'keys_lost' ? refuse(withWayOut(keys.failure, state, options.demo)) : keys;
  closers.push(() => keepKeys(state.keys, keys.value));
  const free = await checkPort(port);
  if (!free.ok) return free;
  const offered = modelOffer(options.variables);
  if (!offered.ok) return offered;
  const agents = agentPrograms();
  if (!agents.ok) return agents;
  const built = options.worker ? ok([]) : await buildWhatChanged(ROOT, screen);
  if (!built.ok) return built;

  const rehearsal = options.demo ? await startRehearsal({ state, screen, log }) : ok(null);
  if (!rehearsal.ok) return rehearsal;
  if (rehearsal.value) closers.push(rehearsal.value.stop);
  const url = `http://127.0.0.1:${port}`;
  const client = workerClient(url, keys.value.hostKey);
  const host = await openHost({ state, options, keys: keys.value, lock, client });
  closers.push(host.stop);
  const offer = rehearsal.value?.offer ?? offered.value;
  let stopped: Promise<void> | null = null;
  const guard = guardMemory({ process: () => workerdOf(state), log: (text) => logLine(log, text) });
  closers.push(guard.stop);
  const clock = watchClock({
    async onSetBack() {
      const woken = await client.wake();
      logLine(
        log,
        `the clock was set back; ${woken.ok ? 'every town looks anew at what is due' : `no town was told: ${woken.failure.message}`}`,
      );
    },
  });
  closers.push(clock.stop);
  const workers = await startWorkers({
    worker: options.worker ?? path.join(ROOT, 'apps/worker'),
    port,
    bindings: bindingsOf({
      port,
      url,
      keys: keys.value,
      hostUrl: host.url,
      environment: await environmentOf(offer, rehearsal.value, agents.value),
    }),
    state: state.root,
    persist: state.workers,
    page: state.page,
    log: openLog(path.join(state.logs, 'worker.log')),
    onRestart: () => {
      if (stopped !== null) return;
      const why = guard.reason();
      screen.warn(`The Workers runtime ${why === null ? 'crashed' : why} and was started again.`);
      noteChildren(lock, host, state);
    },
  });
  if (!workers.ok) return refuse(explained(workers.failure, state));
  closers.push(workers.value.stop);
  if (!(await answersWithin(new URL('/healthz', url).href, READY_MS))) {
    return refuse(failure('internal', `The page does not answer after ${READY_MS / 1000} s. See ${path.join(state.logs, 'worker.log')}.`));
  }
  const booted = await client.boot();
  if (!booted.ok) return refuse(explained(booted.failure, state));
  for (const secrets of booted.value.unreadable) screen.warn(unreadableText(secrets));
  if (booted.value.failed > 0) screen.warn(failedText(booted.value.failed, damagedDatabases(state.workers)));
  if (!options.portIsForOnce) keepPort(state, port);
  lock.update({ url, hostUrl: host.url });
  noteChildren(lock, host, state);
  logLine(log, `serving ${url}`);
  return ok({
    url,
    state: state.root,
    offer,
    signInLink: client.signInLink,
    stop: () => (stopped ??= stopInOrder(host, closers)),
    kill: () => {
      host.kill();
      for (const each of processesOfState(state.root)) signal(each, 'SIGKILL');
      leaveRegister(state);
      lock.release();
    },
  });
}

/** What broke may be what lies on the disk. */
const explained = (broke: Failure, { workers }: StateFolder): Failure =>
  broke.code === 'internal' ? (damagedDatabases(workers) ?? broke) : broke;

/** A home that cannot be written is no reason not to run: only commands without `--state` do not find it then. */
function enter(state: StateFolder, screen: Screen): void {
  try {
    enterRegister(state);
  } catch (cause) {
    const why = errnoOf(cause);
    if (why === null) throw cause;
    screen.warn(`Your home cannot be written (${why}): commands find this town server only with${namedState(state)}.`);
  }
}

const withWayOut = (lost: Failure, state: StateFolder, demo: boolean): Failure =>
  failure(
    lost.code,
    lost.message,
    undefined,
    `Put keys.json back from a copy and start again. Without a copy: ${startCommand(state, demo)} --new-keys names what must be given again; nothing else is lost`,
  );

/** The others go on. */
const failedText = (towns: number, damaged: Failure | null): string =>
  `${many(towns, 'town does', 'towns do')} not start. ${damaged === null ? 'See logs/worker.log of the state folder.' : `${damaged.message} ${nextStep(damaged)}`}`;

function unreadableText({ town, rigs, modelKey }: UnreadableSecrets): string {
  const what = [
    ...rigs.map((rig) => `the token of the rig ${rig} (Settings › Repositories)`),
    ...(modelKey ? ['the model key (Settings › Models)'] : []),
  ];
  return `The keys of this state folder do not open what the town ${town} stored. Give again: ${what.join(', ')}.`;
}

/** The runners first, while the Worker still hears them; the rest in the reverse order of the start. */
async function stopInOrder(host: ContainerHost, closers: Closers): Promise<void> {
  await host.stop();
  await closeAll(closers.filter((close) => close !== host.stop));
}

async function closeAll(closers: Closers): Promise<void> {
  for (const close of closers.toReversed()) await close();
}

async function endLeftOvers(state: StateFolder, screen: Screen, log: LogFile): Promise<void> {
  const ended = await screen.during('Ending what an earlier launcher left behind', endOrphans(state.root));
  if (ended.length === 0) return;
  screen.warn(`An earlier launcher was killed; ${ended.length} of its processes were still there and were ended.`);
  for (const { pid, command } of ended) logLine(log, `ended orphan ${pid}: ${command.slice(0, 200)}`);
}

interface HostParts {
  readonly state: StateFolder;
  readonly options: TownOptions;
  readonly keys: Keys;
  readonly lock: Lock;
  readonly client: WorkerClient;
}

async function openHost({ state, options, keys, lock, client }: HostParts): Promise<ContainerHost> {
  const host: ContainerHost = await startContainerHost({
    hostKey: keys.hostKey,
    command: options.runner ?? RUNNER_COMMAND,
    env: runnerEnvironment(),
    townFolder: state.town,
    openLog: (town) => openLog(path.join(state.logs, `runner-${town}.log`)),
    sendExit: client.reportExit,
    onChange: () => noteChildren(lock, host, state),
  });
  return host;
}

const workerdOf = (state: StateFolder): ProcessFacts | null =>
  processesOfState(state.root).find(({ command, parent }) => parent === process.pid && /\/workerd serve\b/.test(command)) ?? null;

/** Who the children are, for `status`. */
function noteChildren(lock: Lock, host: ContainerHost, state: StateFolder): void {
  const runners = new Map([...host.containers()].map(([town, { identity }]) => [identity.pid, `runner of ${town}`]));
  try {
    const children = processesOfState(state.root)
      .filter(({ pid, parent }) => parent === process.pid || runners.has(pid))
      .map(({ pid, startTicks, command }) => ({
        pid,
        startTicks,
        what: runners.get(pid) ?? (command.includes('workerd') ? 'workerd' : 'rehearsal'),
      }));
    lock.update({ children });
  } catch (cause) {
    // A full or broken disk, too many open files: the list is for `status` only; the town goes on.
    if (errnoOf(cause) === null) throw cause;
  }
}

async function environmentOf(offer: ModelOffer, rehearsal: Rehearsal | null, agents: readonly AgentProgram[]): Promise<object> {
  const owner = await ownerFromGit();
  return {
    version: VERSION,
    demo: rehearsal !== null,
    suggestions: rehearsal?.suggestions ?? [],
    sample: rehearsal?.sample ?? null,
    ...offer,
    agentKinds: agentKinds(agents),
    ...(owner && { owner }),
  };
}

interface BindingParts {
  readonly port: number;
  readonly url: string;
  readonly keys: Keys;
  readonly hostUrl: string;
  readonly environment: object;
}

/** design/contracts.md, worker. */
const bindingsOf = ({ port, url, keys, hostUrl, environment }: BindingParts): Record<string, string> => ({
  SEAL_KEY: keys.sealKey,
  HOST_KEY: keys.hostKey,
  HOST_URL: hostUrl,
  PUBLIC_URL: url,
  ALLOWED_HOSTS: `127.0.0.1:${port},localhost:${port}`,
  ENVIRONMENT: JSON.stringify(environment),
});
