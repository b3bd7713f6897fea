import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { StarterAnswer, StarterCall } from './starter.ts';

/** A program that is run to its end, for what it says: git, and the small ones of the system. No shell, and nothing of the runner's environment. */
export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Then it is killed. */
  readonly timeoutMs: number;
  /** Characters; of more nothing is believed. */
  readonly mostOutput?: number;
  /** Output of bytes: one character for each. */
  readonly bytes?: true;
}

export interface ProgramEnd {
  /** Null: it did not come to an end of its own. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly out: string;
  readonly error: string;
  /** What happened in one line; empty when all went well. */
  readonly says: string;
}

/** Runs it in the one process that does that (`starter.ts`): the runner's own would stand still at each start, the longer the more it holds. Never throws. */
export function runProgram(call: ProgramCall): Promise<ProgramEnd> {
  return starter.run(call);
}

class Starter {
  #child: ChildProcess | null = null;
  #last = 0;
  readonly #waiting = new Map<number, (end: ProgramEnd) => void>();

  run(call: ProgramCall): Promise<ProgramEnd> {
    const id = ++this.#last;
    const { promise, resolve } = Promise.withResolvers<ProgramEnd>();
    const child = (this.#child ??= this.#begin());
    this.#waiting.set(id, resolve);
    keepAlive(child, true);
    child.send({ ...call, id } satisfies StarterCall, (cause) => cause && this.#settle(child, id, lost(cause.message)));
    return promise;
  }

  #begin(): ChildProcess {
    const child = fork(new URL('starter.ts', import.meta.url), {
      cwd: '/',
      env: {},
      execArgv: ['--max-semi-space-size=1', '--optimize-for-size'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const gone = (why: string): void => {
      if (this.#child !== child) return;
      this.#child = null;
      for (const id of this.#waiting.keys()) this.#settle(child, id, lost(why));
    };
    child.on('message', ({ id, ...end }: StarterAnswer) => this.#settle(child, id, end));
    child.once('error', (cause) => gone(cause.message));
    child.once('exit', (code, signal) => gone(`it ended with ${signal ?? code}`));
    return child;
  }

  #settle(child: ChildProcess, id: number, end: ProgramEnd): void {
    this.#waiting.get(id)?.(end);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) keepAlive(child, false);
  }
}

const starter = new Starter();

/** Whether this process has to wait for it. */
function keepAlive(child: ChildProcess, needed: boolean): void {
  for (const each of [child, child.channel])
    if (needed) each?.ref();
    else each?.unref();
}

const lost = (why: string): ProgramEnd => ({
  exitCode: null,
  signal: null,
  timedOut: false,
  out: '',
  error: '',
  says: `The process that starts programs was lost: ${why}`,
});
