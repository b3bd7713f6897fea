import { readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LIMITS } from '@gastown/protocol';
import type { SetupCommand } from '@gastown/protocol';
import { OWN } from '../system/cell.ts';
import { signalGroup } from '../system/processes.ts';
import { SECRET } from '../system/redact.hostile.ts';
import { makeRedactor } from '../system/redact.ts';
import { asAgent, RIG, tempFolder } from '../testing/fixtures.ts';
import { gateRig } from '../testing/gate-rig.ts';
import { until } from '../testing/until.ts';
import { cacheVariables } from './caches.ts';
import { runGate } from './run-gate.ts';
import { makeTail } from './tail.ts';

const gate = (command: string, timeoutMs = 20_000, redact = (text: string): string => text) =>
  runGate({
    command,
    cwd: tempFolder(),
    cell: OWN,
    environment: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', SECRET },
    timeoutMs,
    redact,
  });
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('a gate tells its exit code and what it said on both channels', async () => {
  expect(await gate('echo out; echo err >&2; exit 3')).toMatchObject({
    exitCode: 3,
    timedOut: false,
    output: 'out\nerr\n',
    truncated: false,
  });
});

test('at its time limit a gate is killed with all its children (QG-6)', async () => {
  const result = await gate('sleep 300 & echo $!; sleep 301', 300);
  expect(result).toMatchObject({ exitCode: null, timedOut: true });
  await until('the child is gone', () => !isAlive(Number(result.output.trim())));
});

test('a gate that ends leaves no background process behind, and does not wait for it', async () => {
  const result = await gate('sleep 300 & echo $!');
  expect(result.exitCode).toBe(0);
  expect(result.durationMs).toBeLessThan(10_000);
  await until('the child is gone', () => !isAlive(Number(result.output.trim())));
});

test('a process that left the group and holds the output open does not hold up the gate (QG-6)', async () => {
  const result = await gate('setsid sleep 20 & echo $!; sleep 0.3; echo said');
  signalGroup(Number(result.output.split('\n')[0]), 'SIGKILL');
  expect(result).toMatchObject({ exitCode: 0, timedOut: false, output: expect.stringContaining('said') });
  expect(result.durationMs).toBeLessThan(10_000);
});

test('of a long output the end is kept, and said to be cut (QG-6)', async () => {
  const result = await gate('i=0; while [ $i -lt 20000 ]; do echo "line $i of many"; i=$((i+1)); done; echo THE END');
  expect(result.truncated).toBe(true);
  expect(Buffer.byteLength(result.output)).toBeLessThanOrEqual(LIMITS.gateOutputBytes.value);
  expect(result.output.endsWith('THE END\n')).toBe(true);
});

test('a secret at whose middle a long output was cut is not told in part (I16)', async () => {
  const redactor = makeRedactor();
  redactor.add(SECRET);
  const most = LIMITS.gateOutputBytes.value;
  const result = await gate(`printf %s "$SECRET"; head -c ${most - 20} /dev/zero | tr '\\0' x`, 20_000, redactor.redact);
  expect(result).toMatchObject({ truncated: true, output: `****${'x'.repeat(most - 20)}` });
});

test('a tail that is cut inside a character does not begin with a broken one', () => {
  const tail = makeTail(4);
  tail.add(Buffer.from('aäöü'));
  expect(tail.text()).toBe('öü');
});

test('gates run in order on the merge result and stop at the first that fails; its command, code and output are told (I5)', async () => {
  const run = await gateRig();
  expect(await run(['cat a.txt b.txt', 'echo broken; exit 7', 'echo never'])).toMatchObject({
    ok: true,
    value: {
      kind: 'tested',
      passed: false,
      gates: [
        { exitCode: 0, output: 'a\nb\n' },
        { exitCode: 7, output: 'broken\n' },
      ],
      failure: { code: 'gate_failed', details: { exitCode: 7 } },
    },
  });
});

const setup = (command: string, required = true, timeoutMs = 20_000): SetupCommand => ({ command, required, timeoutMs });

test('setup commands prepare the tree of the gates, in order, in their surroundings; one that need not succeed is told where it failed (AG-22)', async () => {
  const { prepares } = await gateRig(20_000);
  const commands = [
    setup('echo one > made; echo kept > "$HOME/kept"'),
    setup('echo "no such tool" >&2; exit 3', false),
    setup('echo two >> made'),
  ];
  expect(await prepares(commands, ['cat made "$HOME/kept" b.txt', 'cat made'])).toMatchObject({
    ok: true,
    value: {
      passed: true,
      gates: [
        { output: 'one\ntwo\nkept\nb\n\n[Setup: echo "no such tool" >&2; exit 3 ended with exit code 3.\nno such tool]\n' },
        { output: 'one\ntwo\n' },
      ],
    },
  });
});

test.each([
  ['echo broken; exit 7', 20_000, /ended with exit code 7/, 7],
  ['echo broken; sleep 60', 1_000, /took longer than the 1 seconds/, null],
] as const)(
  'the required setup command %j fails the test with its output, and no gate runs (AG-22)',
  async (command, timeoutMs, why, exitCode) => {
    const { prepares } = await gateRig(20_000);
    expect(await prepares([setup(command, true, timeoutMs), setup('echo never')], ['echo never'])).toMatchObject({
      ok: true,
      value: {
        passed: false,
        gates: [{ command, exitCode, output: 'broken\n' }],
        failure: { code: 'setup_failed', message: expect.stringMatching(why), details: { command, output: 'broken' } },
      },
    });
  },
);

test('a setup command cannot have another tree judged: tracked files are put back before the first gate, and it is said (I5, AG-22)', async () => {
  const { prepares } = await gateRig(20_000);
  expect(await prepares([setup('echo cheated > a.txt; echo built > new.txt')], ['cat a.txt new.txt'])).toMatchObject({
    ok: true,
    value: { gates: [{ exitCode: 0, output: 'a\nbuilt\n\n[the setup changed tracked files, which were put back: a.txt]\n' }] },
  });
});

test('without a gate there is nothing to prepare for (AG-22)', async () => {
  const { prepares } = await gateRig(20_000);
  expect(await prepares([setup('exit 1')], [])).toMatchObject({ ok: true, value: { passed: true, gates: [] } });
});

test.each([
  ['nosuchcommand-at-all', 'gate_ran_nothing'],
  ['./a.txt', 'gate_ran_nothing'],
  ['   ', 'gate_ran_nothing'],
  ['# npm test\n\n  # later', 'gate_ran_nothing'],
  ['sleep 60', 'gate_timeout'],
])('the gate %j ends as %s', async (command, code) => {
  const run = await gateRig();
  expect(await run([command])).toMatchObject({ ok: true, value: { passed: false, failure: { code } } });
});

test("a gate sees none of this process's variables, and a home of its own", async () => {
  process.env['GASTOWN_RUNNER_TOKEN'] = 'not-for-gates';
  const run = await gateRig();
  const result = await run(['env | cut -d= -f1 | sort | tr "\\n" " "; touch "$HOME/x" "$TMPDIR/y"']);
  delete process.env['GASTOWN_RUNNER_TOKEN'];
  const variables = [...Object.keys(cacheVariables('')), 'CI', 'HOME', 'LANG', 'LOGNAME', 'PATH', 'PWD', 'TMPDIR', 'USER'];
  expect(result).toMatchObject({ ok: true, value: { passed: true, gates: [{ output: `${variables.toSorted().join(' ')} ` }] } });
});

test('a gate finds node and npm, knows that no person watches, and has a HOME apart from every other place (QG-6)', async () => {
  const run = await gateRig(20_000);
  const result = await run(['node --version', 'npm --version', 'echo "$CI $HOME"; ls -A "$HOME"; git config --global user.name']);
  if (!result.ok || result.value.kind !== 'tested') throw new Error(JSON.stringify(result));
  const [node, npm, third] = result.value.gates;
  expect(node).toMatchObject({ exitCode: 0, output: expect.stringMatching(/^v\d+\./) });
  expect(npm).toMatchObject({ exitCode: 0, output: expect.stringMatching(/\d+\.\d+/) });
  expect(third?.output).toMatch(new RegExp(`^true \\S+/rigs/${RIG}/gates/\\S+/home\ntmp\n`));
});

test('a gate that waits for input gets the end of it at once', async () => {
  const result = await gate('cat; read line; echo "read says $?"');
  expect(result).toMatchObject({ exitCode: 0, timedOut: false, output: 'read says 1\n' });
});

test('a gate that rewrites tracked files cannot help the next one: they are put back, and it is said (I5)', async () => {
  const run = await gateRig();
  const result = await run(['echo cheated > a.txt; echo built > new.txt', 'test "$(cat a.txt)" = a && test -f new.txt']);
  expect(result).toMatchObject({
    ok: true,
    value: { passed: true, gates: [{ output: expect.stringContaining('a.txt') }, { exitCode: 0 }] },
  });
});

test('a gate cannot have its files judged or put back by what it wrote into the repository there (I5)', async () => {
  const run = await gateRig(20_000);
  const result = await run([
    'git config filter.x.smudge "echo GOOD"; git config filter.x.clean "cat a.txt"; echo "* filter=x" > .gitattributes; git config core.fsmonitor true; git update-index --assume-unchanged a.txt; echo cheated > a.txt; git rm -rq --cached .; git -c user.name=x -c user.email=x@x commit -qm x; rm .gitattributes',
    'test "$(cat a.txt)" = a && test "$(git status --porcelain -- a.txt b.txt)" = ""',
    'rm -rf .git a.txt; ln -s /etc/passwd a.txt; mkdir .git',
    'test "$(cat a.txt)" = a && ! test -L a.txt',
  ]);
  expect(result).toMatchObject({
    ok: true,
    value: {
      passed: true,
      gates: [{ output: expect.stringContaining('a.txt') }, { exitCode: 0 }, { output: expect.stringContaining('a.txt') }, { exitCode: 0 }],
    },
  });
});

test('what a gate left running is ended before its files are judged: nothing changes them afterwards (QG-6, I5)', async () => {
  const run = await gateRig(20_000);
  const result = await run([
    'setsid sh -c "while true; do echo cheated > a.txt; done" >/dev/null 2>&1 & sleep 0.2',
    'cat a.txt; sleep 0.3; cat a.txt',
  ]);
  expect(result).toMatchObject({ ok: true, value: { passed: true, gates: [{ exitCode: 0 }, { output: 'a\na\n' }] } });
});

test('nothing is judged beside something that cannot be ended, and the place of the test is given back all the same (I5, QG-6)', async () => {
  const run = await gateRig(20_000);
  const ends: (() => Promise<{ pids: number[]; quiet: boolean }>)[] = [];
  const quiet = () => Promise.resolve({ pids: [], quiet: true });
  const stubborn = { ...run.cells, end: () => (ends.shift() ?? quiet)() };
  ends.push(quiet, () => Promise.resolve({ pids: [], quiet: false }));
  expect(await run(['true'], { cells: stubborn })).toMatchObject({ ok: false, failure: { code: 'gate_failed' } });
  ends.push(() => Promise.resolve({ pids: [], quiet: false }));
  expect(await run(['true'], { cells: stubborn })).toMatchObject({ ok: false, failure: { code: 'gate_failed' } });
  ends.push(quiet, quiet, () => Promise.reject(new Error('no more descriptors')));
  expect(await run(['true'], { cells: stubborn })).toMatchObject({ ok: true, value: { passed: true } });
  const next = run.cells.borrowGate(RIG);
  next.giveBack();
  expect(next.place).toBe(0);
});

test('folders that a gate made read-only are cleared, and its verdict stands', async () => {
  const run = await gateRig(20_000);
  const result = await run(['mkdir -p "$HOME/modules/deep" && touch "$HOME/modules/deep/x" && chmod -R a-w "$HOME/modules"']);
  expect(result).toMatchObject({ ok: true, value: { passed: true } });
  expect(readdirSync(join(run.folder, 'rigs', RIG, 'gates'))).toEqual([]);
});

test('folders that a gate closed to its own user are opened again for the next one, and cleared afterwards (I5)', async () => {
  const run = await gateRig(20_000, { 'deep/b.txt': 'b\n' });
  const closes = 'echo cheated > deep/b.txt && mkdir -p "$HOME/a/b" && chmod 000 "$HOME/a" deep . "$HOME"';
  expect(await run([closes, 'cat deep/b.txt'])).toMatchObject({
    ok: true,
    value: { passed: true, gates: [{ exitCode: 0 }, { exitCode: 0, output: 'b\n' }] },
  });
  expect(readdirSync(join(run.folder, 'rigs', RIG, 'gates'))).toEqual([]);
});

test('a gate that a signal ended, for want of memory say, is told with the number that a shell gives it', async () => {
  expect(await gate('kill -9 $$')).toMatchObject({ exitCode: 137, timedOut: false });
});

test('what a gate downloads is there for the next test of the rig, and a cache tells when a test had it last', async () => {
  const run = await gateRig(20_000);
  await run(['mkdir -p "$npm_config_cache" && echo package > "$npm_config_cache/x"']);
  const cache = join(run.folder, 'rigs', RIG, 'caches', '0');
  utimesSync(cache, 1, 1);
  expect(await run(['cat "$npm_config_cache/x"; echo "$npm_config_cache"'])).toMatchObject({
    ok: true,
    value: { gates: [{ output: expect.stringMatching(new RegExp(`^package\n${run.folder}/rigs/${RIG}/caches/`)) }] },
  });
  expect(statSync(cache).mtimeMs).toBeGreaterThan(Date.now() - 600_000);
});

test.runIf(process.getuid?.() === 0 && process.env['GASTOWN_TEST_ISOLATION'] !== 'none')(
  'a gate has a user of its own: it reads the mirror of its rig, and writes neither that nor the worktrees of agents; no agent writes its caches',
  async () => {
    const run = await gateRig(20_000);
    const mirror = join(run.folder, 'rigs', RIG, 'mirror.git');
    expect(
      await run([
        'test "$(id -u)" -gt 60000',
        `git --git-dir=${mirror} -c safe.directory=* log -1 --format=%s main 2>/dev/null || git -c safe.directory=${mirror} --git-dir=${mirror} for-each-ref >/dev/null`,
        `! touch ${mirror}/x 2>/dev/null`,
        `! ls ${run.worktree.path} 2>/dev/null`,
        `! cat ${run.folder}/cells.json 2>/dev/null`,
        'mkdir -p "$npm_config_cache"; echo package > "$npm_config_cache/x"',
      ]),
    ).toMatchObject({ ok: true, value: { passed: true } });
    const cached = join(run.folder, 'rigs', RIG, 'caches', '0', 'npm', 'x');
    expect(() => asAgent(run.worktree.path, 'echo evil > "$1"', cached)).toThrow('Permission');
  },
);
