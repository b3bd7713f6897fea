import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { signalGroup } from './processes.ts';
import type { StarterAnswer, StarterCall } from './starter.mjs';

/** A program that is run to its end, for what it says: git, and the small ones of the system. Nothing of the runner's environment. */
export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
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

let current: Starter | null = null;

/** Runs it in the one process that does that (`starter.mjs`): the runner's own would stand still at each start, the longer the more it holds. Never throws. `off`: then it is asked to end, and after a moment killed. */
export async function runProgram(call: ProgramCall, off: AbortSignal | null = null): Promise<ProgramEnd> {
  if (off?.aborted) return unbegun('Nobody wants this program any more.');
  try {
    current ??= new Starter();
    return await current.run(call, off);
  } catch (cause) {
    return lost(cause instanceof Error ? cause.message : String(cause));
  }
}

/** It is there while it is needed, and a little longer. */
const IDLE_MS = 60_000;
/** Beyond the program's own time, which the other process keeps: without an answer then it hangs. */
const ANSWER_MS = 5_000;
/** To take away what is half done, its locks above all. */
const TIDY_MS = 2_000;

class Starter {
  readonly #child = fork(new URL('starter.mjs', import.meta.url), {
    cwd: '/',
    env: {},
    execArgv: ['--max-semi-space-size=1', '--optimize-for-size', '--v8-pool-size=0'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // A group of its own: what a terminal sends to the runner's ends nothing that saves work.
    detached: true,
  });
  readonly #waiting = new Map<number, (end: ProgramEnd) => void>();
  readonly #groups = new Map<number, number>();
  readonly #off = new Map<number, AbortSignal>();
  #last = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor() {
    this.#child.on('message', (said: StarterAnswer) => {
      if ('group' in said) this.#begins(said.id, said.group);
      else this.#settle(said.id, said.end);
    });
    this.#child.once('error', (cause) => this.#isGone(cause.message));
    this.#child.once('exit', (code, signal) => this.#isGone(`it ended with ${signal ?? code}`));
  }

  run(call: ProgramCall, off: AbortSignal | null): Promise<ProgramEnd> {
    const id = ++this.#last;
    const { promise, resolve } = Promise.withResolvers<ProgramEnd>();
    const hangs = (): boolean => this.#child.kill('SIGKILL');
    // A second wait: where this process itself stood still, the answer is there and not read yet.
    let late = setTimeout(() => (late = setTimeout(hangs, ANSWER_MS)), call.timeoutMs + ANSWER_MS);
    const leave = (): void => this.#askToEnd(id);
    if (off !== null) this.#off.set(id, off);
    off?.addEventListener('abort', leave, { once: true });
    this.#waiting.set(id, (end) => {
      clearTimeout(late);
      off?.removeEventListener('abort', leave);
      resolve(end);
    });
    clearTimeout(this.#idle);
    keepAlive(this.#child, true);
    // Where the machine starts no process it has no channel either, and says why a moment later.
    if (this.#child.pid === undefined) return promise;
    this.#child.send({ ...call, id } satisfies StarterCall, (cause) => cause && this.#settle(id, lost(cause.message)));
    return promise;
  }

  #begins(id: number, group: number): void {
    this.#groups.set(id, group);
    if (this.#off.get(id)?.aborted) this.#askToEnd(id);
  }

  /** One that has not begun is asked when it does. */
  #askToEnd(id: number): void {
    const group = this.#groups.get(id);
    if (group === undefined) return;
    signalGroup(group, 'SIGTERM');
    setTimeout(() => this.#groups.get(id) === group && signalGroup(group, 'SIGKILL'), TIDY_MS).unref();
  }

  #settle(id: number, end: ProgramEnd): void {
    this.#waiting.get(id)?.(end);
    this.#waiting.delete(id);
    this.#groups.delete(id);
    this.#off.delete(id);
    if (this.#waiting.size > 0) return;
    keepAlive(this.#child, false);
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#rest(), IDLE_MS).unref();
  }

  #rest(): void {
    this.#leave();
    if (this.#child.connected) this.#child.disconnect();
  }

  #isGone(why: string): void {
    this.#leave();
    // What it started is ended with it.
    for (const group of this.#groups.values()) signalGroup(group, 'SIGKILL');
    for (const id of this.#waiting.keys()) this.#settle(id, lost(why));
    clearTimeout(this.#idle);
  }

  #leave(): void {
    if (current === this) current = null;
  }
}

/** Whether this process has to wait for it. */
function keepAlive(child: ChildProcess, needed: boolean): void {
  for (const each of [child, child.channel])
    if (needed) each?.ref();
    else each?.unref();
}

const unbegun = (says: string): ProgramEnd => ({ exitCode: null, signal: null, timedOut: false, out: '', error: '', says });
const lost = (why: string): ProgramEnd => unbegun(`The process that starts programs was lost: ${why}`);
