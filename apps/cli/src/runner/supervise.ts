/**
 * Keeps one runner process alive: starts it anew when it crashes, ever later while it keeps crashing; ends with the reason when the town says bye, and without one when it was asked to.
 *
 * States: running → (crashed → waiting → running)* → over. Asked to end while it waits, it is over at once.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Failure, Result } from '@gastown/protocol';
import { signal } from '../machine/processes.ts';
import { startTownProcess } from '../host/town-process.ts';
import type { Exit, TownProcess } from '../host/town-process.ts';
import { logLine } from '../state/log-file.ts';
import type { LogFile } from '../state/log-file.ts';
import { lineReader } from './told.ts';
import type { Told } from './told.ts';

/** Whoever kills this command ends what it started: the system asks the runner to end then. Where its program for that is missing, the next start does. */
function endingWithUs(command: SuperviseOptions['command'], programs: string): SuperviseOptions['command'] {
  const there = programs.split(path.delimiter).some((folder) => existsSync(path.join(folder, 'setpriv')));
  return there ? ['setpriv', '--pdeathsig', 'TERM', '--', ...command] : command;
}

/** What `apps/runner` exits with when the town said bye, and when its options are wrong. */
const BYE = 3;
const WRONG_OPTIONS = 2;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** Who ran for this long was well: the next crash is a first one. */
const WELL_MS = 120_000;
/** After its grace a runner keeps what is left and ends its agents; then it is killed. */
const AFTER_GRACE_MS = 30_000;

export interface SuperviseOptions {
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly log: LogFile;
  readonly drainMs: number;
  readonly tell: (told: Told | { readonly what: 'crashed'; readonly exit: Exit; readonly waitMs: number }) => void;
  readonly firstWaitMs?: number;
}

export interface Supervised {
  readonly pid: () => number | null;
  /** Asked once: turns under way may end. Again: not any longer. A third time: at once. */
  end(): void;
  /** Resolves when it is over: asked to, or why. */
  readonly over: Promise<Result<null>>;
}

export function supervise(options: SuperviseOptions): Supervised {
  let current: TownProcess | null = null;
  let asked = 0;
  let wake: (() => void) | null = null;

  const runOnce = async (): Promise<{ exit: Exit; reason: Failure | null; ranMs: number }> => {
    const began = performance.now();
    let reason: Failure | null = null;
    const read = lineReader((told) => {
      if (told.what === 'bye') reason = told.failure;
      if (told.what === 'broken') reason = failure('internal', told.reason);
      options.tell(told);
    });
    const write = (part: string | Uint8Array): void => {
      options.log.write(part);
      read(part);
    };
    const { folder, env, drainMs } = options;
    const command = endingWithUs(options.command, env['PATH'] ?? '');
    current = startTownProcess({ command, env, folder, log: { ...options.log, write }, graceMs: drainMs + AFTER_GRACE_MS });
    const exit = await current.gone;
    current = null;
    return { exit, reason, ranMs: performance.now() - began };
  };

  const run = async (): Promise<Result<null>> => {
    const first = options.firstWaitMs ?? FIRST_WAIT_MS;
    for (let waitMs = first; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      const { exit, reason, ranMs } = await runOnce();
      if (asked > 0) return ok(null);
      if (exit.code === BYE || exit.code === WRONG_OPTIONS)
        return refuse(
          reason ?? failure('runner_lost', 'The runner ended without saying why.', undefined, `Read its log: ${options.log.file}`),
        );
      if (ranMs > WELL_MS) waitMs = first;
      options.tell({ what: 'crashed', exit, waitMs });
      logLine(options.log, `crashed; started anew in ${waitMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      wake = null;
      if (asked > 0) return ok(null);
    }
  };

  return {
    pid: () => current?.identity.pid ?? null,
    end() {
      asked += 1;
      wake?.();
      if (asked === 1) current?.stop();
      else if (asked === 2 && current !== null) signal(current.identity, 'SIGTERM');
      else current?.kill();
    },
    over: run(),
  };
}
