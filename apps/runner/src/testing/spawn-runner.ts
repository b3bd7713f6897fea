import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Report } from '@gastown/protocol';
import type { FakeTown } from './fake-town.ts';

/** The real runner in a process of its own, with exactly the environment that its host gives it. */
export function spawnRunner(url: string, state: string, more: Readonly<Record<string, string>> = {}) {
  const env = {
    GASTOWN_URL: url,
    GASTOWN_TOWN: 'k3v9q0t2m4xa',
    GASTOWN_RUNNER_TOKEN: 'runner-secret-token',
    GASTOWN_STATE: state,
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    LANG: 'C.UTF-8',
    GASTOWN_DRAIN_MS: '300',
    ...more,
  };
  const child = spawn(process.execPath, [fileURLToPath(new URL('../main.ts', import.meta.url))], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  const exit = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  return { child, exit, output: () => output };
}

export const reportsOf = <K extends Report['kind']>(town: FakeTown, kind: K) => town.reports.filter((report) => report.kind === kind);
