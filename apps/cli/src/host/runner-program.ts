import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../project.ts';

/** A runner mostly waits: without this Node lets what dies young grow to 130 MB before it looks (P19). */
const SMALL = ['--max-semi-space-size=4', '--optimize-for-size'];
export const RUNNER_COMMAND = [process.execPath, ...SMALL, path.join(ROOT, 'apps/runner/src/main.ts')] as const;

/** What was compiled once: the next runner holds 24 MB less, since it loads nothing that strips types, and starts sooner (P19). Where it cannot be written Node goes without. */
const COMPILED = path.join(ROOT, '.gastown/compiled');

/**
 * What a runner gets of the person who starts it. git over SSH and the person's git settings need the person's own home; agents get homes of their own from the runner. The person's own
 * programs and ssh agent: gates and git find what they find in a terminal.
 */
export const runnerEnvironment = (): Record<'PATH' | 'HOME' | 'LANG' | 'NODE_COMPILE_CACHE', string> => ({
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: os.homedir(),
  LANG: 'C.UTF-8',
  NODE_COMPILE_CACHE: COMPILED,
  ...passedOn(['SSH_AUTH_SOCK', 'GASTOWN_AGENTS_FILE', 'GASTOWN_AGENTS_FOLDER']),
});

const passedOn = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
