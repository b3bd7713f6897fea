import { dirname, join } from 'node:path';
import { rolePrompt } from '@gastown/prompts';
import type { ModelApi, Permissions, Result, RigId } from '@gastown/protocol';
import { quoted } from '../git/config.ts';
import type { Log } from '../system/log.ts';
import { cellVariables, makeCellFolder, makeFoldersInCell, writeInCell } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import type { Cells } from '../system/cells.ts';
import type { Redactor } from '../system/redact.ts';
import { startAcpAgent } from './acp.ts';
import { toolNaming } from './agent-kind.ts';
import type { AgentKind } from './agent-kind.ts';
import type { AgentProcess } from './driver.ts';
import { makeGuard } from './guard.ts';
import type { Guard } from './guard.ts';
import type { InstalledAgent } from './installed.ts';
import { freeLocks } from './locks.ts';
import { prepare } from './setup.ts';

export interface ProcessSurroundings {
  readonly folder: string;
  readonly cells: Cells;
  readonly mirrorFolder: (rigId: RigId) => string;
  readonly doorUrl: string;
  readonly askDoor: (pool: string) => Promise<string>;
  /** Of the services that the processes of this pool open on this machine. */
  readonly passwordOf: (pool: string) => string;
  readonly path: string;
  readonly lang: string;
  readonly redactor: Redactor;
  readonly log: Log;
}

export interface ProcessWish {
  readonly agent: InstalledAgent;
  readonly api: ModelApi;
  readonly model: string;
  readonly rigId: RigId | null;
  readonly permissions: Permissions;
  /** Of the pool: the same in every run of this machine, so that sessions can be resumed. */
  readonly name: string;
  /** Which of the processes of that name, from 0: each has a HOME of its own, by which what it left behind is found. */
  readonly at: number;
  /** No other process of that name runs. */
  readonly alone: boolean;
}

/** Before it is known which of that name it is. */
export type AnyProcess = Omit<ProcessWish, 'at' | 'alone'>;

export const homeOf = (folder: string, { name, at }: Pick<ProcessWish, 'name' | 'at'>): string =>
  join(folder, name, at === 0 ? 'home' : `home-${at}`);

/** Starts one agent process in its cell, with folders that stay between starts and an environment that holds nothing of the runner's. */
export async function startProcess(around: ProcessSurroundings, wish: ProcessWish): Promise<Result<AgentProcess>> {
  const { agent, name } = wish;
  const doorToken = await around.askDoor(name);
  around.redactor.add(doorToken);
  const servicePassword = around.passwordOf(name);
  around.redactor.add(servicePassword);
  const cell = around.cells.agent(name, wish.rigId);
  const folders = await makeFolders(cell, join(around.folder, name), homeOf(around.folder, wish));
  await writeInCell(cell, join(folders.home, '.gitconfig'), trusting(wish.rigId === null ? '*' : around.mirrorFolder(wish.rigId)));
  const guard = await guardOf(cell, agent.kind, join(around.folder, `${name}.settings`), folders.config);
  const naming = toolNaming(agent.kind);
  const { args, variables, files, locks } = prepare(agent.kind, {
    folders,
    door: around.doorUrl,
    doorToken,
    servicePassword,
    plugin: guard?.plugin ?? null,
    model: wish.model,
    api: wish.api,
    permissions: wish.permissions,
    rolePrompt: (role) => rolePrompt(role, naming),
  });
  for (const [file, text] of Object.entries(files)) {
    const path = join(folders.config, file);
    await makeFoldersInCell(cell, [dirname(path)]);
    await writeInCell(cell, path, text);
  }
  if (locks !== null) await freeLocks(cell, locks, wish.alone);
  const environment = {
    PATH: around.path,
    LANG: around.lang,
    ...cellVariables(folders.home),
    XDG_DATA_HOME: folders.data,
    XDG_CONFIG_HOME: guard?.settings ?? folders.config,
    XDG_STATE_HOME: folders.state,
    XDG_CACHE_HOME: folders.cache,
    GIT_TERMINAL_PROMPT: '0',
    ...variables,
  };
  const { program, before } = agent;
  return startAcpAgent({ program, args: [...before, ...args], cwd: folders.home, cell, environment, name, log: around.log });
}

const guardOf = async (cell: Cell, { openCode, attach }: AgentKind, folder: string, config: string): Promise<Guard | null> =>
  openCode === undefined || attach === undefined
    ? null
    : makeGuard({ cell, folder, prefix: openCode.prefix, password: attach.password, config });

/** The mirror that the agents of the rig read belongs to the runner, which git would not trust; so does the Mayor's desk, and it meets no other repository. */
const trusting = (mirror: string): string => `[safe]\n\tdirectory = ${quoted(mirror)}\n`;

const FOLDERS = ['data', 'config', 'state', 'cache'] as const;

async function makeFolders(cell: Cell, base: string, home: string): Promise<Record<(typeof FOLDERS)[number] | 'home', string>> {
  const at = (folder: string): string => join(base, folder);
  await makeCellFolder(cell, base);
  await makeFoldersInCell(cell, [home, ...FOLDERS.map(at)]);
  return { home, data: at('data'), config: at('config'), state: at('state'), cache: at('cache') };
}
