import { readFileSync } from 'node:fs';
import type { HouseProcess } from '@gastown/stories';

/**
 * Memory of one or several processes, in MiB. `resident` counts a page once for each process that has it, `proportional` (PSS) once in all the machine, so that whoever has the same program pays a part of it.
 * `alone`: what they would hold with nobody else on the machine, where they run the same program: all that is their own, and once what is read from files.
 */
export interface MemoryOf {
  readonly processes: number;
  readonly resident: number;
  readonly proportional: number;
  readonly alone: number;
}

const RUNNER = /apps\/runner\/src\/main\.ts/;
/** The runner's own, for git and the like: it belongs to it, and what it started too. */
const STARTER = /apps\/runner\/src\/system\/starter\.mjs/;
const LAUNCHER = /apps\/cli\/src\/main\.ts/;
const WORKERD = /workerd/;

export type Part = 'launcher' | 'workerd' | 'runner' | 'agents';

/** Which part of the town a process belongs to: `agents` is all that the runner started for others. The runner itself is the first of its part. */
export function partsOf(processes: readonly HouseProcess[]): Record<Part, number[]> {
  const parts: Record<Part, number[]> = { launcher: [], workerd: [], runner: [], agents: [] };
  const known = new Map(processes.map((one) => [one.pid, one]));
  const isBelow = (pid: number, what: RegExp): boolean => {
    const parent = known.get(known.get(pid)?.parent ?? 0);
    return parent !== undefined && (what.test(parent.command) || isBelow(parent.pid, what));
  };
  for (const { pid, command } of processes) {
    if (RUNNER.test(command)) parts.runner.unshift(pid);
    else if (STARTER.test(command) || isBelow(pid, STARTER)) parts.runner.push(pid);
    else if (isBelow(pid, RUNNER)) parts.agents.push(pid);
    else if (WORKERD.test(command)) parts.workerd.push(pid);
    else if (LAUNCHER.test(command)) parts.launcher.push(pid);
  }
  return parts;
}

export function memoryOf(pids: readonly number[]): MemoryOf {
  const each = pids.flatMap(readMemory);
  const sum = (of: (one: Memory) => number): number => each.reduce((total, one) => total + of(one), 0);
  const ofFiles = Math.max(0, ...each.map(({ rss, own }) => rss - own));
  return {
    processes: each.length,
    resident: inMib(sum(({ rss }) => rss)),
    proportional: inMib(sum(({ pss }) => pss)),
    alone: inMib(sum(({ own }) => own) + ofFiles),
  };
}

const inMib = (kib: number): number => Math.round((kib / 1_024) * 100) / 100;

interface Memory {
  readonly rss: number;
  readonly pss: number;
  readonly own: number;
}

/** In KiB; nothing of a process that has ended. */
function readMemory(pid: number): Memory[] {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const of = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
    return [{ rss: of('Rss'), pss: of('Pss'), own: of('Anonymous') }];
  } catch (cause) {
    if (['ENOENT', 'ESRCH'].includes((cause as NodeJS.ErrnoException).code ?? '')) return [];
    throw cause;
  }
}
