import { spawn } from 'node:child_process';

/** Fixed identity and date: the same input gives the same commit on every machine and every day. */
const FIXED = { name: 'Gastown rehearsal', email: 'rehearsal@gastown.invalid', date: '2026-01-01T00:00:00Z' };

const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
  GIT_AUTHOR_NAME: FIXED.name,
  GIT_AUTHOR_EMAIL: FIXED.email,
  GIT_AUTHOR_DATE: FIXED.date,
  GIT_COMMITTER_NAME: FIXED.name,
  GIT_COMMITTER_EMAIL: FIXED.email,
  GIT_COMMITTER_DATE: FIXED.date,
};

export const COMMITTER = `${FIXED.name} <${FIXED.email}> ${Date.parse(FIXED.date) / 1000} +0000`;

/** Runs git away from the user's configuration. Resolves to its output; rejects with the command and its error output. */
export function git(args: readonly string[], input: Buffer | string = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { env: ENVIRONMENT });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => out.push(data));
    child.stderr.on('data', (data: Buffer) => err.push(data));
    child.on('error', reject);
    child.stdin.on('error', () => undefined); // git left early: its exit code tells
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString('utf8'));
      else reject(new Error(`git ${args.join(' ')} ended with ${code}: ${Buffer.concat(err).toString('utf8').trim()}`));
    });
    child.stdin.end(input);
  });
}
