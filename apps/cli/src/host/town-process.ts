/**
 * One town's container on this machine: the runner as a child process in a group of its own.
 *
 * States: running → stopping → gone. On `gone` everything that lived in the container is ended too, whatever group or parent it has.
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { processesOfTown } from '../machine/marks.ts';
import { identityOf, killGroup, signal } from '../machine/processes.ts';
import type { ProcessIdentity } from '../machine/processes.ts';
import type { LogFile } from '../state/log-file.ts';
import { logLine } from '../state/log-file.ts';

/** How long turns may go on when the town's container is stopped: a person waits for it (DR-1). */
export const DRAIN_MS = 8_000;
/** Then the runner keeps what is left and ends its agents; after this it is killed. */
export const STOP_GRACE_MS = DRAIN_MS + 22_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface TownProcess {
  readonly identity: ProcessIdentity;
  readonly stopping: boolean;
  readonly gone: Promise<Exit>;
  /** SIGTERM now, SIGKILL to all of it after the grace. Again does nothing. */
  stop(): void;
  kill(): void;
}

export interface TownProcessOptions {
  readonly command: readonly [string, ...string[]];
  /** All of it: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly log: LogFile;
  readonly graceMs?: number;
}

export function startTownProcess({
  command: [program, ...args],
  env,
  folder,
  log,
  graceMs = STOP_GRACE_MS,
}: TownProcessOptions): TownProcess {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  endRemains(folder);
  const child = spawn(program, args, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  // Too many processes, no memory, no program: the system says so a moment later. Without a listener that would end the launcher, and every town with it.
  child.on('error', (cause) => logLine(log, `${program}: ${cause.message}`));
  if (child.pid === undefined) throw new Error(`cannot start ${program}`);
  const identity = identityOf(child.pid);
  logLine(log, `started, process ${identity.pid}`);
  child.stdout.on('data', (part: Buffer) => log.write(part));
  child.stderr.on('data', (part: Buffer) => log.write(part));
  let deadline: NodeJS.Timeout | undefined;
  const gone = new Promise<Exit>((resolve) => {
    child.once('exit', (code, name) => {
      clearTimeout(deadline);
      killGroup(identity.pid);
      endRemains(folder);
      logLine(log, `ended with ${name ?? `code ${code}`}`);
      resolve({ code, signal: name });
    });
  });
  const kill = (): void => signal(identity, 'SIGKILL', 'group');
  return {
    identity,
    get stopping() {
      return deadline !== undefined;
    },
    gone,
    kill,
    stop: () => {
      if (deadline !== undefined) return;
      deadline = setTimeout(kill, graceMs);
      signal(identity, 'SIGTERM');
    },
  };
}

/** Agents and what they started may have left the runner's group; a container's end would end them too. */
function endRemains(folder: string): void {
  for (const each of processesOfTown(folder)) signal(each, 'SIGKILL');
}
