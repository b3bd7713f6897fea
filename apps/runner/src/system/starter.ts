/**
 * The process that starts programs for the runner (`program.ts`). A fork copies what its process holds, and holds up whoever forks: this one holds little and does nothing else. It ends with
 * the runner, and what it started is ended with it: each program leads a group of its own, where its helpers are too (git has some), so that one which does not come to its end takes them along.
 */
import { execa } from 'execa';
import { closePipesAfterEnd } from './pipes.ts';
import { signalGroup } from './processes.ts';
import type { ProgramCall, ProgramEnd } from './program.ts';

export type StarterCall = ProgramCall & { readonly id: number };
/** The group of a program that began, for whoever outlives this process; then its end. */
export type StarterAnswer = { readonly id: number } & ({ readonly group: number } | { readonly end: ProgramEnd });

const groups = new Set<number>();

process.on('message', (call: StarterCall) => void answer(call));
process.once('disconnect', () => process.exit());
// However it ends, a bug of its own too.
process.once('exit', () => {
  for (const group of groups) signalGroup(group, 'SIGKILL');
});

/** Where nobody takes it any more the runner is gone, and this hears of that only after what it still asked for. */
const tell = (said: StarterAnswer): void => void process.send?.(said, undefined, undefined, (cause) => cause && process.exit());

async function answer(call: StarterCall): Promise<void> {
  tell({ id: call.id, end: await run(call).catch(notStarted) });
}

async function run({ id, program, args, cwd, env, input, timeoutMs, mostOutput, bytes }: StarterCall): Promise<ProgramEnd> {
  const child = execa(program, args, {
    cwd,
    env,
    extendEnv: false,
    detached: true,
    reject: false,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: mostOutput,
    stripFinalNewline: false,
    ...(bytes === true ? { encoding: 'latin1' as const } : {}),
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
  });
  const group = child.pid;
  if (group !== undefined) {
    groups.add(group);
    tell({ id, group });
    child.nodeChildProcess.once('exit', (code) => {
      groups.delete(group);
      if (code === null) signalGroup(group, 'SIGKILL');
    });
  }
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
