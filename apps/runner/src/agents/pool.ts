import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { rolePrompt } from '@gastown/prompts';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Failure, ModelShape, Result, RigId } from '@gastown/protocol';
import type { Log } from '../system/log.ts';
import { cellVariables, makeCellFolder, makeFoldersInCell, writeInCell } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import type { Cells } from '../system/cells.ts';
import type { Redactor } from '../system/redact.ts';
import { within } from '../system/within.ts';
import { startAcpAgent } from './acp.ts';
import { toolNaming } from './catalogue.ts';
import type { InstalledAgent } from './catalogue.ts';
import type { AgentProcess, AgentSession, SessionWish } from './driver.ts';

/**
 * The agent processes. One serves all sessions of the same agent kind, model, model shape and rig, in a cell of its own; it is started when first needed. Each has folders of its own, which
 * stay between starts, so that a session can be resumed (MY-12), and an environment that holds nothing of the runner's.
 */
export interface Pool {
  open(need: PoolNeed, wish: SessionWish, onGone: (failure: Failure) => void): Promise<Result<AgentSession>>;
  stop(): Promise<void>;
}

interface PoolNeed {
  readonly agentKind: string;
  readonly model: string;
  readonly shape: ModelShape;
  /** What the agents of a rig can touch is that rig's. Null: the Mayor's. */
  readonly rigId: RigId | null;
}

export interface PoolSurroundings {
  readonly installed: readonly InstalledAgent[];
  readonly folder: string;
  readonly cells: Cells;
  readonly doorUrl: string;
  readonly askDoor: (pool: string) => Promise<string>;
  readonly path: string;
  readonly lang: string;
  readonly redactor: Redactor;
  readonly log: Log;
}

const STOP_MS = 5_000;

/** Same need, same name, in every run of this machine. */
const poolName = ({ agentKind, model, shape, rigId }: PoolNeed): string =>
  `${agentKind.replaceAll(/[^a-z0-9]+/g, '-').slice(0, 20)}-${createHash('sha256')
    .update(JSON.stringify([agentKind, model, shape, ...(rigId === null ? [] : [rigId])]))
    .digest('hex')
    .slice(0, 12)}`;

export function makePool(around: PoolSurroundings): Pool {
  const processes = new Map<string, Promise<Result<AgentProcess>>>();
  const sessions = new Map<string, number>();

  /** Ends of processes that are under way: the next one of that name waits, or the search for strays would take it for one. */
  const endings = new Map<string, Promise<unknown>>();

  const forget = (name: string, process: AgentProcess): void => {
    processes.delete(name);
    sessions.delete(name);
    const ending = process.gone.then(() => around.cells.end(join(around.folder, name), around.cells.agent(name, null)));
    endings.set(name, ending);
  };
  /** The last process stays warm for the next session; others, of a model that nobody uses any more, are stopped with their last session. */
  const leave = (name: string, process: AgentProcess): void => {
    const left = (sessions.get(name) ?? 1) - 1;
    sessions.set(name, left);
    if (left > 0 || processes.size < 2) return;
    forget(name, process);
    void process.stop();
  };
  const start = async (need: PoolNeed, name: string): Promise<Result<AgentProcess>> => {
    await endings.get(name);
    return startProcess(around, need, name);
  };
  const processFor = (need: PoolNeed): Promise<Result<AgentProcess>> => {
    const name = poolName(need);
    const running = processes.get(name);
    if (running !== undefined) return running;
    const starting = start(need, name).then((started) => {
      if (!started.ok) processes.delete(name);
      else void started.value.gone.then(() => processes.get(name) === starting && forget(name, started.value));
      return started;
    });
    processes.set(name, starting);
    starting.catch(() => processes.delete(name));
    return starting;
  };

  return {
    async open(need, wish, onGone) {
      const process = await processFor(need);
      if (!process.ok) return process;
      const name = poolName(need);
      sessions.set(name, (sessions.get(name) ?? 0) + 1);
      const session = await process.value.openSession(wish);
      if (!session.ok) {
        leave(name, process.value);
        return session;
      }
      void process.value.gone.then(onGone);
      return ok({ ...session.value, close: () => session.value.close().finally(() => leave(name, process.value)) });
    },
    async stop() {
      // One that is still starting may wait for the town for ever: it is ended with the strays.
      await within(
        STOP_MS,
        Promise.all(
          [...processes.values()].map(async (starting) => {
            const started = await starting;
            if (started.ok) await started.value.stop();
          }),
        ),
      );
      await around.cells.end(around.folder);
    },
  };
}

async function startProcess(around: PoolSurroundings, need: PoolNeed, name: string): Promise<Result<AgentProcess>> {
  const agent = around.installed.find(({ kind }) => kind.id === need.agentKind);
  if (agent === undefined) return refuse(failure('agent_unknown', `The agent "${need.agentKind}" is not installed here.`));
  const doorToken = await around.askDoor(name);
  around.redactor.add(doorToken);
  const cell = around.cells.agent(name, need.rigId);
  const folders = await makeFolders(cell, join(around.folder, name));
  const naming = toolNaming(agent.kind);
  const setup = agent.kind.setup({
    configFolder: folders.config,
    door: around.doorUrl,
    doorToken,
    model: need.model,
    shape: need.shape,
    rolePrompt: (role) => rolePrompt(role, naming),
  });
  for (const [file, text] of Object.entries(setup.files)) await writeInCell(cell, join(folders.config, file), text);
  const environment = {
    PATH: around.path,
    LANG: around.lang,
    ...cellVariables(folders.home),
    XDG_DATA_HOME: folders.data,
    XDG_CONFIG_HOME: folders.config,
    XDG_STATE_HOME: folders.state,
    XDG_CACHE_HOME: folders.cache,
    GIT_TERMINAL_PROMPT: '0',
    ...setup.variables,
  };
  const started = await startAcpAgent({
    program: agent.program,
    args: agent.kind.args(folders.home),
    cwd: folders.home,
    cell,
    environment,
    name,
    log: around.log,
  });
  return started.ok ? ok(started.value) : started;
}

const FOLDERS = ['home', 'data', 'config', 'state', 'cache'] as const;

async function makeFolders(cell: Cell, base: string): Promise<Record<(typeof FOLDERS)[number], string>> {
  const at = (folder: (typeof FOLDERS)[number]): string => join(base, folder);
  await makeCellFolder(cell, base);
  await makeFoldersInCell(cell, FOLDERS.map(at));
  return { home: at('home'), data: at('data'), config: at('config'), state: at('state'), cache: at('cache') };
}
