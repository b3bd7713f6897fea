import { randomUUID } from 'node:crypto';
import { chmod, chown, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cell } from '../system/cell.ts';
import { RULES_PLUGIN } from './rules-plugin.ts';
import { SUB_AGENTS_PLUGIN } from './sub-agents-plugin.ts';

/**
 * A plugin inside an agent program. It tells the model the rules of the repository, and the runner what sub-agents do; and it keeps the password of the program's service from the shells of its sessions, which run as the same user: it
 * takes it out of what shells get, and makes the program one that its own user cannot look into (its environment, its memory). The latter only where cells have users: elsewhere the runner itself
 * must still be able to look.
 */
export interface Guard {
  /** The plugin's file. */
  readonly plugin: string;
  /** The program's folder of settings: the runner's, so that no shell lays a plugin of its own there for the next process. */
  readonly settings: string;
}

export interface GuardWish {
  readonly cell: Cell;
  readonly folder: string;
  /** Of the agent's variables: `KILO`, say. */
  readonly prefix: string;
  /** The variable that holds the password. */
  readonly password: string;
  /** Where the programs of its shells keep their settings. */
  readonly config: string;
}

/** PR_SET_DUMPABLE: its files in /proc belong to root from then on. What it starts is its user's again. */
const CLOSED = `import { dlopen } from 'bun:ffi';
const { symbols } = dlopen('libc.so.6', { prctl: { args: ['i32', 'u64', 'u64', 'u64', 'u64'], returns: 'i32' } });
if (symbols.prctl(4, 0n, 0n, 0n, 0n) !== 0) throw new Error('this process cannot be closed to its user');
`;

const shellsText = (variables: Readonly<Record<string, string>>): string => `export const Guard = async () => ({
  'shell.env': async (_asked, output) => {
    Object.assign(output.env, ${JSON.stringify(variables)});
  },
});
`;

/** The programs install a package of theirs into their folder of settings at each start, and a plugin waits for that, unless it seems to be there. */
const INSTALLED = { packages: { '': { dependencies: { '@opencode-ai/plugin': '*', '@kilocode/plugin': '*' } } } };

export async function makeGuard({ cell: { user }, folder, prefix, password, config }: GuardWish): Promise<Guard> {
  const own = join(folder, prefix.toLowerCase());
  const forCell = async (path: string, mode: number): Promise<void> => {
    if (user !== null) await chown(path, process.getuid?.() ?? 0, user.gid);
    await chmod(path, mode);
  };
  const write = async (path: string, text: string): Promise<void> => {
    // Processes of one pool may start at the same time.
    const fresh = `${path}.${randomUUID()}`;
    await writeFile(fresh, text);
    await forCell(fresh, 0o640);
    await rename(fresh, path);
  };
  for (const each of [folder, own, join(own, 'node_modules')]) {
    await mkdir(each, { recursive: true });
    await forCell(each, 0o750);
  }
  // The program writes this file itself where it is missing, and gives up where it cannot.
  await write(join(own, '.gitignore'), '*\n');
  await write(join(own, 'package-lock.json'), JSON.stringify(INSTALLED));
  const plugin = join(folder, 'guard.js');
  await write(
    plugin,
    (user === null ? '' : CLOSED) + RULES_PLUGIN + SUB_AGENTS_PLUGIN + shellsText({ [password]: '', XDG_CONFIG_HOME: config }),
  );
  return { plugin, settings: folder };
}
