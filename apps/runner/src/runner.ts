import { createHmac, randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from '@gastown/protocol';
import type { Failure } from '@gastown/protocol';
import { installedAgents } from './agents/installed.ts';
import { makePool } from './agents/pool.ts';
import { makeStreams } from './agents/streams.ts';
import { removeUnusedPools } from './agents/unused.ts';
import { measureCaches } from './gates/cache-limit.ts';
import { makeConversations } from './conversations/conversations.ts';
import { makeTownStore } from './conversations/town-store.ts';
import { makeDrain } from './drain.ts';
import type { EffectSurroundings } from './effects.ts';
import { makeGit } from './git/git.ts';
import type { Git } from './git/git.ts';
import { clearHalfGone, holdsTown, makeGoneRigs } from './git/gone.ts';
import { makeMirrors } from './git/mirror.ts';
import { makeRemotes } from './git/remote.ts';
import { openLink } from './link/link.ts';
import type { Link } from './link/link.ts';
import { openToolServer } from './mcp/server.ts';
import type { Options } from './options.ts';
import { findLeftovers } from './runs/leftovers.ts';
import { makeRuns } from './runs/runs.ts';
import { makePassage } from './system/cell.ts';
import type { Cell } from './system/cell.ts';
import { openCells } from './system/cells.ts';
import { makeKeyedLock } from './system/keyed-lock.ts';
import type { Log } from './system/log.ts';
import { makeTaking } from './taking.ts';
import { makeTerminals } from './terminals/terminals.ts';
import type { Redactor } from './system/redact.ts';
import { within } from './system/within.ts';
import { removeUnneeded } from './unneeded.ts';

/** The runner put together. */
export interface Runner {
  readonly instance: string;
  /** Ends agents at once and leaves nothing running. Says nothing to the town. */
  stop(): Promise<void>;
  /** Lets turns end for `graceMs`, keeps and tells the rest, then stops (DR-1). */
  drain(graceMs: number): Promise<void>;
  /** The grace of a drain under way is over. */
  hurry(): void;
  /** Ends what runs in its cells, without a word and without keeping anything: the next start does that. */
  cut(): Promise<void>;
}

export interface RunnerSurroundings {
  readonly options: Options;
  readonly redactor: Redactor;
  readonly log: Log;
  readonly sshAgent: string | null;
  readonly onBye: (failure: Failure) => void;
}

/** Of the 15 s that a stop may take, this is for rescuing work; the rest is for ending processes. */
const STOP_MS = 8_000;
/** The same of what is not needed any more; what hangs in that is left after twice as long. */
const PRUNE_MS = 5_000;
const MEASURE_MS = 3_600_000;
/** How long what an earlier runner left may keep this one from its link, of the time that the town gives a container to link. What is not cleared by then is cleared while it works. */
const UNLINKED_MS = 20_000;

export async function startRunner({ options, redactor, log, sshAgent, onBye }: RunnerSurroundings): Promise<Runner> {
  const { state, lang } = options;
  redactor.add(options.token);
  const found = installedAgents({ path: options.path, folder: options.agentsFolder }, options.agentsFile);
  if (!found.ok) throw new Error(found.failure.message);
  const installed = found.value;
  await mkdir(state, { recursive: true, mode: 0o700 });
  const programs = [process.execPath, ...installed.map(({ program }) => program)];
  await removeUnusedPools(state, Date.now(), log);
  const scripts = installed.flatMap(({ before }) => before);
  const opened = await openCells({ state, isolation: options.isolation, programs, scripts, path: options.path, random: Math.random });
  if (!opened.ok) throw new Error(opened.failure.message);
  const { cells, why, path } = opened.value;
  log('runner.isolation', { isolation: cells.isolation, ...(why === null ? {} : { why }) });
  // What this process makes is for its own eyes, and for the readers of a rig where that is meant.
  if (cells.isolation === 'users') process.umask(0o027);
  for (const folder of ['rigs', 'worktrees', 'desks', 'agents']) await makePassage(join(state, folder));
  const strays = await cells.end(state);
  if (strays.pids.length > 0 || !strays.quiet) log('boot.strays_ended', { ...strays });
  const notCleared = (cause: unknown): false => (log('rig.not_cleared', { reason: String(cause) }), false);
  await clearHalfGone(state).catch(notCleared);
  // On a disk that takes nothing more, nothing is removed either.
  const isOurs = await holdsTown(state, options.town).catch(notCleared);

  let link: Link | null = null;
  const townLink = (): Link => {
    if (link === null) throw new Error('the link is not open yet');
    return link;
  };
  await mkdir(join(state, 'ssh'), { recursive: true, mode: 0o700 });
  const surroundings = { path: options.path, knownHosts: join(state, 'ssh', 'known_hosts'), redactor };
  const git = makeGit({ ...surroundings, home: options.home, sshAgent });
  const gitOf = (cell: Cell): Git => makeGit({ ...surroundings, home: '/nonexistent', sshAgent: null, cell });
  const remotes = makeRemotes({
    git,
    redactor,
    askToken: (rigId) => townLink().askToken(rigId),
    onRefused: (rigId) => log('token.refused', { rigId }),
  });
  const mirrors = makeMirrors(git, remotes, join(state, 'rigs'), cells.readersOf);
  const locks = makeKeyedLock();
  const tools = await openToolServer(log, options.url);
  const services = randomBytes(32);
  const askDoor = (name: string): Promise<string> => townLink().askDoor(name);
  const pool = makePool({
    installed,
    ceilings: options.ceilings,
    folder: join(state, 'agents'),
    cells,
    mirrorFolder: mirrors.path,
    doorUrl: options.url,
    askDoor,
    passwordOf: (name) => createHmac('sha256', services).update(name).digest('base64url'),
    path,
    lang,
    redactor,
    log,
  });
  let stopping = false;
  const place = { git, gitOf, cells, remotes, mirrors, state, locks, holding: pool.holding, stopping: () => stopping, log };
  const removeRest = await within(2 * PRUNE_MS, removeUnneeded(place, Date.now(), PRUNE_MS));
  const leftovers = await findLeftovers(place);
  await within(UNLINKED_MS, leftovers.cleared);

  const terminals = makeTerminals({
    url: options.url,
    token: options.token,
    folder: join(state, 'terminals'),
    path,
    lang,
    log,
    redactor,
    now: Date.now,
  });
  const streams = makeStreams({ url: options.url, token: options.token, log, redactor });
  const runs = makeRuns({
    ...place,
    installed,
    pool,
    askDoor,
    tools,
    link: townLink,
    now: Date.now,
    path,
    lang,
    redact: redactor.redact,
    silenceMs: options.turnSilenceMs ?? LIMITS.turnSilenceMs.value,
    openStream: streams.open,
    terminals,
    conversations: makeConversations({ town: makeTownStore(options), log, now: Date.now }),
    leftovers,
  });
  const around: EffectSurroundings = {
    git,
    gitOf,
    log,
    remotes,
    mirrors,
    locks,
    runs,
    retireBranch: runs.retireBranch,
    path,
    lang,
    cells,
    now: Date.now,
    redact: redactor.redact,
    gateTimeoutMs: LIMITS.gateTimeoutMs.value,
  };

  const instance = randomBytes(12).toString('hex');
  const goneRigs = makeGoneRigs(place);
  const taking = makeTaking(around, townLink, log, () => void goneRigs.workEnded());
  link = openLink({
    url: options.url,
    token: options.token,
    instance,
    agentKinds: installed.map(({ kind }) => kind.id),
    isolation: cells.isolation,
    runs: runs.live,
    log,
    redact: redactor.redact,
    onBye,
    onRigs: (rigs) => void (isOurs && goneRigs.told(rigs)),
    onEffect: taking.take,
  });
  log('runner.started', { instance, agents: installed.map(({ kind }) => kind.id) });
  void leftovers.push();
  const measure = (): Promise<void> =>
    measureCaches(state).catch((cause: unknown) => log('prune.failed', { what: 'sizes of caches', reason: String(cause) }));
  void removeRest?.();
  const measuring = setInterval(() => void measure(), MEASURE_MS).unref();
  const stop = async (): Promise<void> => {
    taking.end();
    clearInterval(measuring);
    townLink().close();
    const quiet = await within(
      STOP_MS,
      runs
        .stopAll()
        .then(() => findLeftovers(place))
        .then((last) => Promise.all([last.cleared, last.push()])),
    );
    stopping = true;
    if (quiet === null) log('runner.stop_late', {});
    await within(STOP_MS / 4, terminals.stopAll());
    await pool.stop();
    streams.end();
    await cells.end(state);
    await tools.close();
    log('runner.stopped', {});
  };
  let stopped: Promise<void> | null = null;
  /** Whoever asks again waits for the same end. */
  const stopOnce = (): Promise<void> => (stopped ??= stop());
  const drain = makeDrain({ taking, runs, link: townLink, log });
  return {
    instance,
    stop: stopOnce,
    async drain(graceMs) {
      await drain.begin(graceMs);
      await stopOnce();
    },
    hurry: drain.hurry,
    async cut() {
      taking.end();
      stopping = true;
      townLink().close();
      streams.end();
      await cells.end(state);
    },
  };
}
