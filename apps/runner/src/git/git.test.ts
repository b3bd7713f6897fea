import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeRedactor } from '../system/redact.ts';
import { agentGit, asAgent, tempFolder } from '../testing/fixtures.ts';
import { worktreeRig } from '../testing/worktree-rig.ts';
import { makeGit } from './git.ts';

const setUp = () => worktreeRig();

/** A filter that leaves a process behind, out of git's group, which holds the output of git open. */
const HOLDER = 'echo $$ >> .git/left; exec sleep 300';

test.each([
  ['answers', 'cat', 30_000, false],
  ['goes on too', 'echo $$ >> .git/left; exec sleep 300', 5_000, true],
])(
  'git is over with its own end or its limit, whatever a filter of the agent leaves running: one that %s (AG-12)',
  async (_what, then, timeoutMs, timedOut) => {
    const { prepare, path, worktree } = await setUp();
    await prepare();
    asAgent(path, 'printf "%s\\n" "$1" > .git/hold.sh', HOLDER);
    agentGit(path, 'config', 'filter.z.clean', `setsid sh .git/hold.sh <&- >&2 & until [ -s .git/left ]; do :; done; ${then}`);
    asAgent(path, 'echo "a.txt filter=z" > .git/info-z && mkdir -p .git/info && mv .git/info-z .git/info/attributes && echo b > a.txt');
    try {
      const status = await worktree.git({ cwd: path, timeoutMs }, 'status', '--porcelain');
      expect(status).toMatchObject({ ok: !timedOut, timedOut });
      expect(asAgent(path, 'kill -0 $(head -n 1 .git/left) && echo lives')).toBe('lives');
    } finally {
      // git may have started it more than once.
      asAgent(path, 'kill -KILL $(cat .git/left) || true');
    }
  },
  60_000,
);

test('of an output that is more than is kept nobody takes the first part for the whole', async () => {
  const home = tempFolder();
  const around = { path: process.env['PATH'] ?? '', home, sshAgent: null, knownHosts: join(home, 'known_hosts'), redactor: makeRedactor() };
  const git = makeGit({ ...around, mostOutput: 8 });
  expect(await git({ cwd: home }, 'check-ref-format', '--branch', 'seven77')).toMatchObject({ ok: true, exitCode: 0, out: 'seven77\n' });
  const more = await git({ cwd: home }, 'check-ref-format', '--branch', 'eight888');
  expect(more).toMatchObject({ ok: false, exitCode: null });
  expect(more.error).toContain('larger than 8 characters');
});

test('attributes that lie in the home of the runner are not those of a repository (I5)', async () => {
  const path = tempFolder();
  const home = tempFolder();
  mkdirSync(join(home, '.config', 'git'), { recursive: true });
  writeFileSync(join(home, '.config', 'git', 'attributes'), '* text\n');
  const around = { path: process.env['PATH'] ?? '', home, sshAgent: null, knownHosts: join(home, 'known_hosts'), redactor: makeRedactor() };
  const git = makeGit(around);
  await git({ cwd: path }, 'init', '--quiet');
  expect(await git({ cwd: path }, 'check-attr', 'text', 'a.txt')).toMatchObject({ ok: true, out: 'a.txt: text: unspecified\n' });
});
