import { spawn } from 'node:child_process';
import { once } from 'node:events';

interface Call {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Nothing of its output is shown; what it complains of always is. */
  readonly quiet: boolean;
}

/** Runs a command that may start others, at most so long: then it is killed with all of them, as when this process is told to end. Null: it was killed for its time. */
export async function runAtMost(
  ms: number,
  command: readonly string[],
  { cwd, env, quiet }: Call,
): Promise<{ code: number | null } | null> {
  if (ms <= 0) return null;
  /** Its own process group, which is what can be killed as a whole. */
  const child = spawn(command[0]!, command.slice(1), {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', quiet ? 'ignore' : 'inherit', 'inherit'],
  });
  const killAll = (): unknown => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    killAll();
  }, ms);
  const told = (signal: NodeJS.Signals): void => {
    killAll();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', told).once('SIGTERM', told);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return late ? null : { code };
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', told).off('SIGTERM', told);
  }
}
