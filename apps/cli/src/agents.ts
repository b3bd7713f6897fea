/** The agent programs of the runner's catalogue, as far as they are installed on this machine: what towns may choose. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { AGENT_KINDS } from '@gastown/runner';
import { ROOT } from './project.ts';

interface AgentProgram {
  readonly id: string;
  readonly label: string;
  /** Null when it is not installed. */
  readonly file: string | null;
}

const fromRunner = createRequire(path.join(ROOT, 'apps/runner/package.json'));

export const agentPrograms = (): AgentProgram[] =>
  AGENT_KINDS.map(({ id, label, program }) => ({ id, label, file: installed(`${program.package}/package.json`, program.path) }));

export const agentKinds = (): { id: string; label: string }[] =>
  agentPrograms().flatMap(({ id, label, file }) => (file === null ? [] : [{ id, label }]));

function installed(manifest: string, program: string): string | null {
  try {
    const file = path.join(path.dirname(fromRunner.resolve(manifest)), program);
    return existsSync(file) ? file : null;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND') return null;
    throw cause;
  }
}
