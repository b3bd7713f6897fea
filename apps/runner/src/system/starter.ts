/**
 * The process that starts programs for the runner (`program.ts`). A fork copies what its process holds, and holds up whoever forks: this one holds little and does nothing else. It leads a group of its own, ends with
 * the runner, and what it started is ended with it.
 */
import { execa } from 'execa';
import { closePipesAfterEnd } from './pipes.ts';
import type { ProgramCall, ProgramEnd } from './program.ts';

export type StarterCall = ProgramCall & { readonly id: number };
export type StarterAnswer = ProgramEnd & { readonly id: number };

process.on('message', (call: StarterCall) => void answer(call));
process.once('disconnect', () => process.exit());

async function answer(call: StarterCall): Promise<void> {
  const end = await run(call).catch(notStarted);
  process.send?.({ ...end, id: call.id } satisfies StarterAnswer);
}

async function run({ program, args, cwd, env, input, timeoutMs, mostOutput, bytes }: ProgramCall): Promise<ProgramEnd> {
  const child = execa(program, args, {
    cwd,
    env,
    extendEnv: false,
    reject: false,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: mostOutput,
    stripFinalNewline: false,
    ...(bytes === true ? { encoding: 'latin1' as const } : {}),
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
  });
  // What the program started may outlive it.
  closePipesAfterEnd(child.nodeChildProcess);
  const { exitCode, signal, timedOut, isMaxBuffer, stdout, stderr, shortMessage } = await child;
  return {
    // It may end well before anybody hears that its output was too much.
    exitCode: isMaxBuffer ? null : (exitCode ?? null),
    signal: signal ?? null,
    timedOut,
    out: stdout ?? '',
    error: stderr ?? '',
    says: shortMessage ?? '',
  };
}

/** What it was to be given is not repeated: it may hold what nobody is to read. */
const notStarted = (): ProgramEnd => ({
  exitCode: null,
  signal: null,
  timedOut: false,
  out: '',
  error: '',
  says: 'The program could not be started with these arguments',
});
