import { spawn } from 'node:child_process';
import { childPath } from '../project.ts';

/** Asks no one and tells no one: the tools' own telemetry, update checks and look-ups are off. */
export const QUIET_TOOLS = {
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  X_LOCAL_OBSERVABILITY: 'false',
  X_LOCAL_EXPLORER: 'false',
} as const;

/** Runs npm to its end, quietly; resolves to its exit code and everything it printed. It keeps the descriptor `held` open as long as it runs. */
export function runNpm(root: string, args: readonly string[], held?: number): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe', ...(held === undefined ? [] : [held])],
      env: { ...process.env, ...QUIET_TOOLS, PATH: childPath() },
    });
    const parts: Buffer[] = [];
    child.stdout!.on('data', (part: Buffer) => parts.push(part));
    child.stderr!.on('data', (part: Buffer) => parts.push(part));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(parts).toString() }));
  });
}
