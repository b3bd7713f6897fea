import { readdir, readFile, readlink } from 'node:fs/promises';
import { openCodeVariables } from './opencode-family.ts';
import type { InstalledAgent } from './installed.ts';

/**
 * The agent program's own screen of a session, as its user would have it: another process of the program, which talks to the one that holds the session over its
 * service on this machine. Of the service only the address is looked up; its password is the runner's choice, so that no other cell can use it.
 */
export interface LiveView {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface LiveSession {
  /** The process that holds the session now. */
  readonly pid: number | null;
  readonly password: string;
  readonly sessionId: string;
  readonly cwd: string;
}

/** Null: this agent has none, or its service cannot be found (it needs /proc). */
export async function liveViewOf({ kind, program, before }: InstalledAgent, session: LiveSession): Promise<LiveView | null> {
  if (kind.attach === undefined || session.pid === null) return null;
  const port = await listeningPort(session.pid);
  if (port === null) return null;
  const slots: Record<string, string> = { url: `http://127.0.0.1:${port}`, session: session.sessionId, cwd: session.cwd };
  const args = kind.attach.args.map((text) => text.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => slots[name] ?? whole));
  const switches = kind.openCode === undefined ? {} : openCodeVariables(kind.openCode.prefix);
  return { program, args: [...before, ...args], environment: { ...switches, [kind.attach.password]: session.password } };
}

const LISTENS = '0A';
const LOOPBACK = '0100007F';

async function listeningPort(pid: number): Promise<number | null> {
  const table = await readFile('/proc/net/tcp', 'utf8').catch(() => '');
  const held = await inodesOf(pid);
  for (const line of table.split('\n')) {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const [address, port = ''] = local.split(':');
    if (state === LISTENS && address === LOOPBACK && held.has(inode)) return Number.parseInt(port, 16);
  }
  return null;
}

async function inodesOf(pid: number): Promise<Set<string>> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}
