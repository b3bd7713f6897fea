import { failure } from '@gastown/protocol';
import type { Failure, FailureCode } from '@gastown/protocol';
import { machineSays } from '../system/machine.ts';
import type { GitOutput } from './git.ts';

/** A file that a git makes while it writes: one that was killed leaves it, and each after it is refused. */
const LOCK = /unable to create (?:file )?'?([^':\n]*(?:\.lock|packed-refs\.new))'?: file exists/i;
export const saysLocked = (words: string): boolean => LOCK.test(words);

/** What git's own words mean, most telling first. The locale is fixed to C, so the words are stable. */
const MEANINGS: readonly (readonly [RegExp, FailureCode])[] = [
  [LOCK, 'repository_locked'],
  [
    /authentication failed|could not read (username|password)|error: 401|invalid credentials|permission denied \(|too many authentication failures|host key verification failed|host identification has changed/i,
    'repository_refused',
  ],
  [/currently checked out|refusing to update checked out branch/i, 'repository_checked_out'],
  [/protected branch|pre-receive hook declined|remote rejected|\[rejected\]|hook declined|refusing to (allow|update)/i, 'push_refused'],
  [/error: 403|access denied|not permitted|write access .* not granted|permission to .* denied|marked as read only/i, 'repository_refused'],
  [
    /repository .*not found|error: 404|does not appear to be a git repository|does not exist|not found|could not be found/i,
    'repository_not_found',
  ],
  [
    /could not resolve host|connection (refused|reset|timed out)|failed to connect|network is unreachable|early eof|error: 5\d\d|unexpected disconnect|timed out|could not read from remote/i,
    'repository_unreachable',
  ],
];

/** True for failures that the same try may not meet again. */
const PASSING: ReadonlySet<FailureCode> = new Set([
  'repository_unreachable',
  'repository_locked',
  'git_failed',
  'disk_full',
  'state_unwritable',
  'machine_full',
]);
export const isPassing = (code: FailureCode): boolean => PASSING.has(code);

export function gitFailure(output: GitOutput, doing: string): Failure {
  if (output.timedOut) return failure('repository_unreachable', `${doing}: git did not answer in time.`);
  const code = machineSays(output.error) ?? MEANINGS.find(([words]) => words.test(output.error))?.[1] ?? 'git_failed';
  return failure(code, `${doing}: ${plainWords(output) ?? lastWords(output)}`, { exitCode: output.exitCode });
}

/** For a push, a refusal of the credentials to write is the push being refused. */
export function pushFailure(output: GitOutput, doing: string): Failure {
  const found = gitFailure(output, doing);
  return found.code === 'repository_refused' &&
    /error: 403|not permitted|write access|permission to .* denied|marked as read only/i.test(output.error)
    ? { ...found, code: 'push_refused' }
    : found;
}

/** Where git only says that it may not ask, or says too much, what is so. */
function plainWords({ error }: GitOutput): string | null {
  if (/could not read (username|password)/i.test(error))
    return 'the repository did not accept the credentials it was given, or wants some.';
  const lock = LOCK.exec(error)?.[1];
  return lock === undefined ? null : `another git holds ${lock}, or one that was killed has left it there.`;
}

/** Git says one thing a line, each behind the same word: told as one sentence, they are kept apart and the word is left out. */
function lastWords(output: GitOutput): string {
  const lines = output.error
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('hint:'));
  const telling = lines.filter((line) =>
    /^(fatal|error|remote|!|ssh:)|permission denied \(|host key verification|too many auth/i.test(line),
  );
  const told = (telling.length > 0 ? telling : lines)
    .map((line) => line.replace(/^(?:(?:fatal|error):\s*)+/i, '').replace(/[.;\s]+$/, ''))
    .filter((line) => line !== '' && !/^remote:[\s=]*$/.test(line))
    .slice(-3);
  return told.join('; ').slice(0, 600) || `git ended with exit code ${output.exitCode ?? 'none'}`;
}
