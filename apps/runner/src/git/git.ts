import { LIMITS } from '@gastown/protocol';
import { inCell, OWN } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import { runProgram } from '../system/program.ts';
import type { Redactor } from '../system/redact.ts';
import { offSignal } from '../system/wanted.ts';
import { sshEnvironment } from './ssh.ts';
import { countedIn } from './under-way.ts';

/**
 * The only place that starts git for the runner. No shell, no configuration of the machine or the user, no hooks, no prompts; what goes out is redacted.
 * In a repository that an agent can write git runs with the rights of that agent's cell, never with the runner's: whatever was planted there (settings, filters, links) reaches no further than the agent itself.
 * `config` travels in the environment (GIT_CONFIG_*), so that a token is never on disk, in a URL or in an argument list.
 */
export interface GitCall {
  readonly cwd: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** How long git itself may take; the call is over soon after. */
  readonly timeoutMs?: number;
  /** Output of bytes: one character for each. */
  readonly bytes?: true;
}

export interface GitOutput {
  readonly ok: boolean;
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly out: string;
  /** Standard error, redacted and cut. */
  readonly error: string;
}

export type Git = (call: GitCall, ...args: string[]) => Promise<GitOutput>;

const FIXED_CONFIG = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.attributesFile': '/dev/null',
  'core.quotePath': 'false',
  'credential.helper': '',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'commit.gpgSign': 'false',
  'safe.directory': '*',
  'advice.detachedHead': 'false',
  'init.defaultBranch': 'main',
  // Long before the limit of a clone: a server that says nothing is not waited for.
  'http.lowSpeedLimit': '100',
  'http.lowSpeedTime': '60',
  // A token goes to the host it is for, not where that one sends us.
  'http.followRedirects': 'false',
};

const ERROR_CHARACTERS = 4_000;
const OUTPUT_BYTES = 64 * 1_048_576;

export interface GitSurroundings {
  readonly path: string;
  readonly home: string;
  readonly sshAgent: string | null;
  /** Where the keys of SSH hosts are kept. */
  readonly knownHosts: string;
  readonly redactor: Redactor;
  /** Whose rights it runs with; the runner's own when none is given. */
  readonly cell?: Cell;
  /** Characters; of more nothing is believed. */
  readonly mostOutput?: number;
}

export function makeGit({ path, home, sshAgent, knownHosts, redactor, cell = OWN, mostOutput = OUTPUT_BYTES }: GitSurroundings): Git {
  const base: Record<string, string> = {
    PATH: path,
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    // A status that is killed at its limit would leave the lock of the agent's index behind.
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ALLOW_PROTOCOL: 'file:http:https:ssh',
    ...sshEnvironment({ knownHosts, home, agent: sshAgent }),
  };
  return async (call, ...args) => {
    const { input, bytes } = call;
    const program = {
      ...inCell(cell, 'git', args),
      cwd: call.cwd,
      env: { ...base, ...configEnvironment({ ...FIXED_CONFIG, ...call.config }), ...call.environment },
      timeoutMs: call.timeoutMs ?? LIMITS.effectTimeoutMs.value,
      mostOutput,
      ...(input === undefined ? {} : { input }),
      ...(bytes === undefined ? {} : { bytes }),
    };
    // A short one comes to its end: it takes away what a long one left, say.
    const off = program.timeoutMs > LIMITS.effectTimeoutMs.value ? offSignal() : null;
    const first = await countedIn(call.cwd, () => runProgram(program, off));
    // What is left of an agent is ended by its user, and this may be hit with it.
    const { exitCode, timedOut, out, error, says } =
      cell.user !== null && first.signal === 'SIGKILL' && !first.timedOut && !off?.aborted ? await runProgram(program) : first;
    return {
      ok: exitCode === 0,
      exitCode,
      timedOut,
      out,
      error: redactor
        .redact(exitCode === null && !timedOut ? `${error}\n${says}` : error)
        .trim()
        .slice(-ERROR_CHARACTERS),
    };
  };
}

function configEnvironment(config: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(config);
  const environment: Record<string, string> = { GIT_CONFIG_COUNT: String(entries.length) };
  for (const [index, [key, value]] of entries.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return environment;
}
