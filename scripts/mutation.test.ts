import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** Each is some processes, which wait for their turn on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

/** Whoever runs the tests from a hook of git has its repository in the environment: nothing of it may reach the one made here. */
const ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));

/** A repository with the core's folders and a stand-in for Stryker, which mutates nothing: it notes what it was asked for and reports what a file next to it says, or has a worker that hangs. */
const STRYKER = `#!/usr/bin/env node
const fs = require('node:fs');
fs.writeFileSync('asked', process.argv[process.argv.indexOf('--mutate') + 1]);
fs.mkdirSync('test-results', { recursive: true });
const asked = fs.readFileSync('statuses', 'utf8').split(' ');
const mutants = asked.filter((status) => status !== 'hangs').map((status) => ({ status }));
fs.writeFileSync('test-results/mutation.json', JSON.stringify({ files: { a: { mutants } } }));
const minute = ['-e', 'setTimeout(() => {}, 60_000)'];
if (asked.includes('hangs')) require('node:child_process').spawn(process.execPath, minute, { stdio: ['ignore', 'ignore', 'inherit'] });
`;
let root = '';
const file = (name: string): string => path.join(root, name);
const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.test', ...args], {
    cwd: root,
    env: ENVIRONMENT,
    encoding: 'utf8',
  });
function commit(name: string, text: string): void {
  mkdirSync(path.dirname(file(name)), { recursive: true });
  writeFileSync(file(name), text);
  git('add', '-A');
  git('commit', '-qm', name);
}
/** Ends when all that it started has ended: each holds the pipe of what it complains of. */
function mutation(statuses: string, ...options: string[]): { code: number | null; said: Record<string, unknown> } {
  writeFileSync(file('statuses'), statuses);
  const env = { ...ENVIRONMENT, PATH: `${root}/bin:${path.dirname(process.execPath)}:${ENVIRONMENT['PATH']}` };
  const { status, stdout, error } = spawnSync(process.execPath, ['scripts/mutation.ts', '--json', ...options], {
    cwd: root,
    env,
    encoding: 'utf8',
    timeout: 40_000,
  });
  if (error) throw error;
  return { code: status, said: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown> };
}

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'gastown-mutation-'));
  for (const folder of ['scripts', 'bin', 'packages/town/src']) mkdirSync(file(folder), { recursive: true });
  for (const name of ['mutation.ts', 'at-most.ts', 'changed-lines.ts', 'score.ts'])
    copyFileSync(path.join(import.meta.dirname, name), file(`scripts/${name}`));
  writeFileSync(file('bin/stryker'), STRYKER, { mode: 0o755 });
  git('init', '-q');
  commit('packages/town/src/town.ts', 'the first commit\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('how many mutants were found by their time only is said', () => {
  expect(mutation('Killed Timeout', '--only', 'spend').said['scores']).toEqual([expect.objectContaining({ found: 2, timedOut: 1 })]);
});

test('a score below the goal ends with 1, at the goal with 0', () => {
  const found = Array.from({ length: 9 }, () => 'Killed').join(' ');
  expect(mutation(`${found} Survived`, '--only', 'spend')).toMatchObject({ code: 0, said: { ok: true } });
  expect(mutation(`${found} Survived NoCoverage`, '--only', 'spend')).toMatchObject({ code: 1, said: { ok: false } });
});

test('of the newest commit its lines of the core are mutated, at most so many, and what is left is said', () => {
  commit('packages/town/src/spend/a.ts', 'one\ntwo\nthree\n');
  expect(mutation('Killed Survived Survived', '--since', 'HEAD~1')).toMatchObject({ code: 1, said: { ok: false } });
  const { code, said } = mutation('Killed Survived', '--since', 'HEAD~1', '--lines', '2');
  expect([code, said['notDone']]).toEqual([0, ['1 changed lines are left to the night']]);
  expect(readFileSync(file('asked'), 'utf8')).toBe('packages/town/src/spend/a.ts:1-2');
});

test('a commit that changes nothing there passes; one without a commit before it is skipped and says why, and no other name passes', () => {
  const first = mutation('Survived', '--since', 'HEAD~1');
  expect([first.code, first.said['notDone']]).toEqual([0, [expect.stringContaining('there is no HEAD~1 here')]]);
  expect(first.said['skipped']).toContain('there is no HEAD~1 here');
  commit('packages/town/src/spend/a.test.ts', 'a test\n');
  expect(mutation('Survived', '--since', 'HEAD~1')).toMatchObject({ code: 0, said: { ok: true, scores: [] } });
  expect(mutation('Survived', '--since', 'HEAD~1').said).not.toHaveProperty('skipped');
  expect(() => mutation('Killed', '--since', 'no-such-commit')).toThrow('JSON');
});

test('what is not through in its time is killed with its workers and left to the night: nothing of it counts as found', () => {
  const { code, said } = mutation('Killed hangs', '--only', 'spend', '--minutes', '0.05');
  const why = 'spend was not through after 0.05 minutes and is left to the night';
  expect([code, said]).toEqual([0, { ok: true, goal: 90, skipped: why, notDone: [why], scores: [] }]);
});
