import { constants } from 'node:os';
import { LIMITS } from '@gastown/protocol';
import type { GateResult } from '@gastown/protocol';
import type { Cell } from '../system/cell.ts';
import { signalGroup } from '../system/processes.ts';
import { startInCell } from '../system/start.ts';
import { makeTail } from './tail.ts';

export interface GateCall {
  readonly command: string;
  readonly cwd: string;
  readonly cell: Cell;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly redact: (text: string) => string;
  /** Ends it, as the time limit does. */
  readonly off?: AbortSignal;
}

/** Exit codes with which a shell says that it could not run the command. */
const NOT_RUNNABLE = new Set([126, 127]);
/** Nothing but blanks and comments succeeds in any shell, and says nothing about the code. */
export const ranNothing = (gate: GateResult): boolean =>
  gate.command.split('\n').every((line) => /^\s*(#|$)/.test(line)) || (gate.exitCode !== null && NOT_RUNNABLE.has(gate.exitCode));

/** What the shell wrote before its end is in the pipe already; this is the time to read it. */
const DRAIN_MS = 1_000;

/**
 * Runs one gate with `sh -c` in a process group of its own and waits for its end. At the time limit, and after the shell's own end, the whole group is
 * killed: a gate leaves no process behind (QG-6). A process that left the group may hold the output open for as long as it likes; it is not waited for. Rejects when the
 * machine starts no program.
 */
export async function runGate(call: GateCall): Promise<GateResult> {
  const began = performance.now();
  const tail = makeTail(LIMITS.gateOutputBytes.value);
  const child = await startInCell(call.cell, '/bin/sh', ['-c', call.command], {
    cwd: call.cwd,
    env: { ...call.environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', tail.add);
  child.stderr.on('data', tail.add);
  const killAll = (): void => signalGroup(child.pid, 'SIGKILL');
  return new Promise((resolve) => {
    let timedOut = false;
    let drain: NodeJS.Timeout | undefined;
    const limit = setTimeout(() => {
      timedOut = true;
      killAll();
    }, call.timeoutMs);
    call.off?.addEventListener('abort', killAll);
    if (call.off?.aborted === true) killAll();
    const finish = (exitCode: number | null): void => {
      clearTimeout(limit);
      clearTimeout(drain);
      call.off?.removeEventListener('abort', killAll);
      resolve({
        command: call.command,
        exitCode: timedOut ? null : exitCode,
        timedOut,
        durationMs: Math.round(performance.now() - began),
        output: call.redact(tail.text()),
        truncated: tail.truncated(),
      });
    };
    child.on('exit', () => {
      killAll();
      drain = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, DRAIN_MS);
    });
    // As a shell would tell it of its own child.
    child.on('close', (code, signal) => finish(code ?? (signal === null ? null : 128 + constants.signals[signal])));
  });
}
