import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from './project.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gastown-main-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Where a state would be made by mistake. */
const run = (args: readonly string[], env: Readonly<Record<string, string>> = { HOME: folder }) => {
  const main = path.join(ROOT, 'apps/cli/src/main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: folder, env, encoding: 'utf8' });
  return { status, stdout, stderr };
};
const refused = (saying: string, help = 'help') => ({
  status: 1,
  stdout: '',
  stderr: expect.stringMatching(new RegExp(`^invalid_input: .*${saying}.*\n→ ./gastown ${help}\n$`)) as string,
});

describe('what is typed', () => {
  it.each(['1e3', '0x50', '8787.0', '65536'])('%s is no port', (port) => {
    expect(run(['doctor', `--port=${port}`])).toEqual(refused('It must be a number from 1 to 65535.', 'doctor --help'));
  });

  it.each([['doctor'], ['up'], ['status'], ['runner', '--town', 'http://x', '--token', 'x']])(
    '%s: no folder has the empty name',
    (...command) => {
      expect(run([...command, '--state', ''])).toEqual(refused('It must not be empty.', `${command[0]} --help`));
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it.each(['', 'relative'])('a home that is no place (%j) is refused, and nothing is made where one stands', (home) => {
    expect(run(['status'], { HOME: home })).toEqual(refused(`HOME must be an absolute path, and is ${JSON.stringify(home)}.`));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('what is wrong leads to the help of the command that was typed, which is there', () => {
    expect(run(['beads', 'start', '--town', 't'])).toEqual(refused("required option '--rig <rig>' not specified", 'beads start --help'));
    expect(run(['beads', 'begin'])).toEqual(refused("unknown command 'begin'", 'beads --help'));
    expect(run(['begin'])).toEqual(refused("unknown command 'begin'"));
    expect(run(['doctor', '--events', 'gt-1'])).toEqual(refused('name the town as well', 'doctor --help'));
    for (const help of [['beads', 'start', '--help'], ['beads', '--help'], ['help']])
      expect(run(help)).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage: ./gastown') as string });
  });

  it('a character that acts on the terminal comes back as a space', () => {
    expect(run(['--\u001b[2J'])).toEqual(refused("unknown option '-- \\[2J'"));
  });
});
