/**
 * The process that starts programs for the runner (`program.ts`). A fork copies what its process holds, and holds up whoever forks: this one holds little and does nothing else. It ends with the runner, and what it
 * started is ended with it.
 */
import { execa } from 'execa';
import { closePipesAfterEnd } from './pipes.ts';
import type { ProgramCall, ProgramEnd } from './program.ts';

export type StarterCall = ProgramCall & { readonly id: number };
export type StarterAnswer = ProgramEnd & { readonly id: number };

process.on(
  'message',
  (call: StarterCall) => void start(call).then((end) => process.send?.({ ...end, id: call.id } satisfies StarterAnswer)),
);
process.once('disconnect', () => process.exit());
// What a terminal sends to the whole group is for the runner, which still has work to save.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

async function start({ program, args, cwd, env, input, timeoutMs, mostOutput, bytes }: ProgramCall): Promise<ProgramEnd> {
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
