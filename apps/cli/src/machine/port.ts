import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { errnoOf } from './errno.ts';
import { allPids, processFacts } from './processes.ts';

/** Refused with who holds it, as far as the system tells. A port that may not be taken (below 1024, say) is refused too. */
export async function checkPort(port: number): Promise<Result<null>> {
  const trouble = await new Promise<string | null>((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(errnoOf(error) ?? error.message));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(null)));
  });
  if (trouble === null) return ok(null);
  return refuse(portTaken(port, trouble));
}

/** A program that listens stays, and is named at once; a connection of one goes by itself, and the system keeps its port for a minute more. */
export async function portWithin(port: number, withinMs: number, betweenMs = 250): Promise<Result<null>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const free = await checkPort(port);
    if (free.ok || isListenedOn(port) || performance.now() >= deadline) return free;
    await delay(betweenMs);
  }
}

export function portTaken(port: number, trouble = 'EADDRINUSE') {
  if (trouble === 'EACCES') return failure('port_taken', `This user may not listen on port ${port}.`, { port });
  const holder = holderOf(port);
  const program = holder ? `${holder.command.slice(0, 120)} (process ${holder.pid})` : 'another program';
  return failure('port_taken', `Port ${port} is taken by ${isListenedOn(port) ? '' : 'a connection of '}${program}.`, { port });
}

/** Where the system does not tell, it may be. */
const isListenedOn = (port: number): boolean => !existsSync('/proc/net/tcp') || socketsAt(port).some(({ state }) => state === LISTENING);

/** The process that listens on the port or else has a connection from it; null when the system does not tell (another user's process, another system). */
function holderOf(port: number): { pid: number; command: string } | null {
  const all = socketsAt(port).filter(({ inode }) => inode !== '0'); // without a process: a connection that is over
  const listening = all.filter(({ state }) => state === LISTENING);
  const inodes = new Set((listening.length > 0 ? listening : all).map(({ inode }) => inode));
  if (inodes.size === 0) return null;
  for (const pid of allPids()) {
    if (socketsOf(pid).some((inode) => inodes.has(inode))) return { pid, command: processFacts(pid)?.command ?? '?' };
  }
  return null;
}

const LISTENING = '0A';

interface SocketFacts {
  readonly state: string;
  readonly inode: string;
}
const socketsAt = (port: number): SocketFacts[] => ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => socketsIn(table, port));

function socketsIn(table: string, port: number): SocketFacts[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return orEmpty(() => readFileSync(table, 'utf8').split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, local, , state, , , , , , inode]) => (local?.endsWith(wanted) && state && inode ? [{ state, inode }] : []));
}

function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return orEmpty(() => readdirSync(folder)).flatMap((fd) =>
    orEmpty(() => [/^socket:\[(\d+)\]$/.exec(readlinkSync(path.join(folder, fd)))?.[1] ?? '']),
  );
}

/** Other users' processes and those that just ended are not told of: they count as nothing. */
function orEmpty(read: () => string[]): string[] {
  try {
    return read();
  } catch (cause) {
    if (errnoOf(cause) === null) throw cause;
    return [];
  }
}
