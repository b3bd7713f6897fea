/** What Linux says of the processes of this machine. A process id comes back after its process is gone; with its start time it names one process only. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoOf } from './errno.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between the start of the machine and the start of the process. */
  readonly startTicks: number;
}

export interface ProcessFacts extends ProcessIdentity {
  readonly state: string;
  readonly parent: number;
  readonly command: string;
}

/** Null when there is no such process, or only the remains of one that nobody has collected. */
export function processFacts(pid: number): ProcessFacts | null {
  const stat = readProc(`/proc/${pid}/stat`);
  const command = readProc(`/proc/${pid}/cmdline`);
  if (stat === null || command === null) return null;
  // The name in parentheses may hold anything, spaces and parentheses too.
  const [state = '', parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return null;
  return { pid, startTicks: Number(rest[17]), state, parent: Number(parent), command: command.replaceAll('\0', ' ').trim() };
}

export const isAlive = ({ pid, startTicks }: ProcessIdentity): boolean => processFacts(pid)?.startTicks === startTicks;

export function identityOf(pid: number): ProcessIdentity {
  const facts = processFacts(pid);
  if (facts === null) throw new Error(`process ${pid} is gone`);
  return { pid, startTicks: facts.startTicks };
}

export const allPids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Variables that a process was started with, as `NAME=value`; none when it is gone or belongs to another user. */
export const variablesOf = (pid: number): string[] => (readProc(`/proc/${pid}/environ`) ?? '').split('\0').filter(Boolean);

/** By what the kernel says of it: the folder in /proc is root's for every process that closed itself to others. */
export function isOfThisUser({ pid }: Pick<ProcessIdentity, 'pid'>): boolean {
  const [, user] = /^Uid:\t(\d+)/m.exec(readProc(`/proc/${pid}/status`) ?? '') ?? [];
  return user !== undefined && Number(user) === process.getuid?.();
}

/** Resident memory in bytes. */
export function memoryOf(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`) ?? '') ?? [];
  return Number(kib) * 1024;
}

/** Sends a signal if the process is still the one that was meant. A negative group signal goes to everything it started in its group. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals, target: 'process' | 'group' = 'process'): void {
  if (!isAlive(identity)) return;
  kill(target === 'group' ? -identity.pid : identity.pid, name);
}

/** Ends what is left of a process group whose leader is gone. */
export const killGroup = (leader: number): void => kill(-leader, 'SIGKILL');

function kill(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (cause) {
    if (errnoOf(cause) !== 'ESRCH') throw cause; // it ended in between: what was wanted
  }
}

/** SIGTERM, then SIGKILL for those that are still there after `graceMs`. Resolves when all are gone. */
export async function endProcesses(processes: readonly ProcessIdentity[], graceMs: number): Promise<void> {
  for (const each of processes) signal(each, 'SIGTERM');
  if (await allGone(processes, graceMs)) return;
  for (const each of processes) signal(each, 'SIGKILL');
  if (!(await allGone(processes, 5_000))) throw new Error(`processes do not end: ${processes.filter(isAlive).map(({ pid }) => pid)}`);
}

/** The end of a process that is not our child is no event in Node: looked at every few milliseconds, for as long as is given. */
export async function allGone(processes: readonly ProcessIdentity[], withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (processes.some(isAlive)) {
    if (performance.now() > deadline) return false;
    await delay(15);
  }
  return true;
}

const GONE = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

function readProc(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (GONE.has(errnoOf(cause) ?? '')) return null;
    throw cause;
  }
}
