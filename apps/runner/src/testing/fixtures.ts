import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, existsSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Sha } from '@gastown/protocol';
import type { Mirror } from '../git/mirror.ts';
import { takeCommits } from '../git/take.ts';
import type { Worktree } from '../git/worktree.ts';
import { inCell, makePassage, OWN } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import type { Log } from '../system/log.ts';
import { BRANCH, RIG, RUN } from './effects.ts';
import { openGround } from './ground.ts';

/** A folder that is gone after the test. */
export function tempFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gastown-runner-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** git as a person would run it. */
export function person(cwd: string, ...args: string[]): string {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: cwd,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'P',
    GIT_AUTHOR_EMAIL: 'p@example.invalid',
    GIT_COMMITTER_NAME: 'P',
    GIT_COMMITTER_EMAIL: 'p@example.invalid',
  };
  return execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** As the runner makes it; `GASTOWN_TEST_ISOLATION` names the way. */
export async function gitSurroundings(folder: string, token: (() => string | null) | null = null) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const isolation = process.env['GASTOWN_TEST_ISOLATION'] === 'none' ? 'none' : 'auto';
  const asked: string[] = [];
  const ground = await openGround({
    state: folder,
    isolation,
    askToken: (rigId) => {
      asked.push(rigId);
      return Promise.resolve(token?.() ?? null);
    },
  });
  await makePassage(join(folder, 'rigs'));
  const holding = <T>(_pool: string, job: () => Promise<T>): Promise<T> => job();
  const { cells, git, gitOf, remotes, redactor, mirrors } = ground;
  return { cells, git, gitOf, remotes, redactor, asked, mirrors, holding, stopping: () => false, log: silent };
}

const silent: Log = () => undefined;

type GitAround = Awaited<ReturnType<typeof gitSurroundings>>;

/** The worktree of a run before it is prepared, as a place makes it. */
export function worktreeAt({ cells, gitOf }: GitAround, folder: string, { runId = RUN, branch = BRANCH } = {}): Worktree {
  const cell = cells.agent('kilo-test', RIG);
  return { path: join(folder, 'worktrees', runId), runId, branch, cell, git: gitOf(cell) };
}

/** The commits of a worktree, taken over into the mirror. */
export async function taken(around: GitAround, mirror: Mirror, worktree: Worktree): Promise<Sha> {
  const result = await takeCommits(around.git, mirror, worktree);
  if (!result.ok || result.value === null) throw new Error(JSON.stringify(result));
  return result.value;
}

/** Does something in a worktree as its agent would: with the user of its cell, and nothing of the machine's configuration. */
export function asAgent(cwd: string, script: string, ...args: string[]): string {
  const { program, args: words } = inCell(cellThatOwns(cwd), '/bin/sh', ['-ec', script, 'agent', ...args]);
  // As the pool tells it in the home of the agent.
  const trust = join(cwd, '..', '..', 'agent.gitconfig');
  writeFileSync(trust, '[safe]\n\tdirectory = *\n');
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: trust };
  return execFileSync(program, words, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

function cellThatOwns(cwd: string): Cell {
  const { uid, gid } = statSync(cwd);
  if (uid === process.getuid?.()) return OWN;
  const alternates = join(cwd, '.git', 'objects', 'info', 'alternates');
  const groups = existsSync(alternates) ? [statSync(readFileSync(alternates, 'utf8').trim()).gid] : [];
  return { name: 'agent', user: { uid, gid, groups } };
}

/** git as an agent in its worktree runs it. */
export const agentGit = (cwd: string, ...args: string[]): string => asAgent(cwd, 'exec git "$@"', ...args);

export { AGENT, BRANCH, context, MAYOR, MERGE, mergeTest, RIG, RUN, runStart, SIGNATURE } from './effects.ts';
