import { readdir, readFile, readlink } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';
import { readProc } from '../system/proc-file.ts';

/**
 * Who calls the tool server: the process that holds the other end of the connection. The address of a run is for its agent alone, which is the first to use it, before any turn and so before
 * anything that a turn starts can have learnt it. Whoever comes with it later must be that same process.
 */
export interface CallerCheck {
  /** The agent process that the address was given to; null where there is none on this machine. */
  from(pid: number | null): void;
  /** Null: the agent itself, or a machine that does not tell. Else who it was. */
  strangerAt(socket: Socket): Promise<Stranger | null>;
}

interface Stranger {
  readonly pid: number | null;
  readonly command: string;
}

/** A process, also when its number is used again later. */
interface Identity {
  readonly pid: number;
  readonly started: string;
}

export function makeCallerCheck(): CallerCheck {
  let agent: number | null = null;
  let caller: Identity | null = null;
  /** Connections that were looked at, and the agent that each was of. */
  const known = new WeakMap<Socket, number>();

  const judge = async (pid: number, inode: string): Promise<Stranger | null> => {
    if (caller !== null && (await startOf(caller.pid)) !== caller.started) caller = null;
    const holder = await holderAmong(caller === null ? [pid] : [caller.pid, pid], inode);
    const found = holder ?? (caller === null ? await holderAmong(await descendantsOf(pid), inode) : null);
    if (found === null) return whoHolds(inode);
    const started = await startOf(found);
    if (started !== null) caller ??= { pid: found, started };
    return null;
  };
  /** One look at a time: each reads all that the agent has open, and an agent may come with hundreds of connections. */
  let line: Promise<unknown> = Promise.resolve();
  const look = async (socket: Socket): Promise<Stranger | null> => {
    const pid = agent;
    if (pid === null || socket.destroyed) return null;
    const inode = await inodeOf(socket);
    if (inode === 'untold') return null;
    const stranger = inode === null ? { pid: null, command: '' } : await (isUsual(socket) ? judge(pid, inode) : whoHolds(inode));
    if (stranger === null) known.set(socket, pid);
    return stranger;
  };
  return {
    from(pid) {
      agent = pid;
      caller = null;
    },
    strangerAt(socket) {
      if (agent !== null && known.get(socket) === agent) return Promise.resolve(null);
      const mine = line.then(() => look(socket));
      line = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** No agent calls from another address than the one that programs have when they choose none. */
const isUsual = ({ remoteAddress }: Socket): boolean => remoteAddress === '127.0.0.1';

/** The number by which Linux names the peer's end of this connection; null: nobody holds it any more. Another socket may have the same two ports with another address: the whole line must fit. */
async function inodeOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): Promise<string | null | 'untold'> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => null)));
  if (tables.every((table) => table === null)) return 'untold';
  const [theirs, ours] = [endsOf(remoteAddress, remotePort), endsOf(localAddress, localPort)];
  for (const line of tables.flatMap((table) => table?.split('\n') ?? [])) {
    const [, local = '', remote = '', , , , , , , inode = '0'] = line.trim().split(/\s+/);
    if (theirs.includes(local) && ours.includes(remote) && inode !== '0') return inode;
  }
  return null;
}

/** One end of a connection over IPv4, as the two tables write it: the address in this machine's order of bytes, and in the second behind the mark of a mapped one. */
function endsOf(address = '', port = 0): string[] {
  const bytes = address.split('.').map(Number);
  if (endianness() === 'LE') bytes.reverse();
  const written = `${hex(bytes)}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return [written, `0000000000000000${endianness() === 'LE' ? 'FFFF0000' : '0000FFFF'}${written}`];
}
const hex = (bytes: readonly number[]): string => Buffer.from(bytes).toString('hex').toUpperCase();

async function holds(pid: number, inode: string): Promise<boolean> {
  for (const name of await readdir(`/proc/${pid}/fd`).catch(() => [] as string[]))
    if ((await readlink(`/proc/${pid}/fd/${name}`).catch(() => '')) === `socket:[${inode}]`) return true;
  return false;
}

async function holderAmong(pids: readonly number[], inode: string): Promise<number | null> {
  for (const pid of pids) if (await holds(pid, inode)) return pid;
  return null;
}

const processes = async (): Promise<number[]> => (await readdir('/proc')).map(Number).filter((pid) => Number.isInteger(pid));

/** The fields of `stat` after the name, which may hold anything: the state first. */
async function statOf(pid: number): Promise<string[] | null> {
  const text = await readProc(`/proc/${pid}/stat`);
  return text === '' ? null : text.slice(text.lastIndexOf(')') + 2).split(' ');
}
const startOf = async (pid: number): Promise<string | null> => (await statOf(pid))?.[19] ?? null;

async function descendantsOf(ancestor: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const pid of await processes()) parents.set(pid, Number((await statOf(pid))?.[1]));
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && parent > 1 && (parent === ancestor || isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

/** For the log: a person will want to know what it was. */
async function whoHolds(inode: string): Promise<Stranger> {
  for (const pid of await processes()) {
    if (!(await holds(pid, inode))) continue;
    const words = await readProc(`/proc/${pid}/cmdline`);
    return { pid, command: words.replaceAll('\0', ' ').trim() };
  }
  return { pid: null, command: '' };
}
