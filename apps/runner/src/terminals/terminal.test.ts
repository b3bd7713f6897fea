import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { makePassage, OWN } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import { makeRedactor } from '../system/redact.ts';
import { Page, Relay } from '../testing/terminal-watcher.ts';
import { until } from '../testing/until.ts';
import { startPty } from './pty.ts';
import { makeTerminal } from './terminal.ts';

async function setUp(limits: { idleMs?: number; ackMs?: number } = {}, cell: Cell = OWN) {
  const folder = await mkdtemp(join(tmpdir(), 'gastown-terminal-'));
  await makePassage(folder);
  const size = { cols: 80, rows: 24 };
  const environment = { PATH: process.env['PATH']!, LANG: 'C.UTF-8', PS1: '$ ' };
  const room = { cell, cwd: folder, folder: join(folder, 'shell'), environment };
  const started = await startPty({ program: '/bin/bash', args: ['--norc'], room, ...size });
  if (!started.ok) throw new Error(started.failure.message);
  const relay = new Relay();
  const terminal = makeTerminal({
    id: 't1',
    pty: started.value,
    ...size,
    send: relay.send,
    now: () => 7,
    secrets: makeRedactor().inBytes,
    ...limits,
  });
  onTestFinished(async () => {
    await terminal.end('runner_stopped');
    await rm(folder, { recursive: true });
  });
  const page = (viewer: number, wanted = size): Page => {
    const one = new Page(viewer, () => terminal);
    relay.pages.set(viewer, one);
    one.join(wanted);
    return one;
  };
  return { terminal, relay, page, folder, pty: started.value };
}
/** Pseudo-terminals that this process holds. */
const ourEnds = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`, 'utf8').endsWith('/ptmx');
    } catch {
      // The folder itself was open while it was listed.
      return false;
    }
  }).length;
const sees = (page: Page, text: string | RegExp): Promise<unknown> =>
  until(`${String(text)} in:\n${page.text().slice(-500)}`, () =>
    typeof text === 'string' ? page.text().includes(text) : text.test(page.text()),
  );

test('a shell runs in its folder, takes keys, and sees nothing of the runner (WS-6, WS-7)', async () => {
  process.env['RUNNER_SECRET'] = 'hunter22';
  const { page, folder } = await setUp();
  const one = page(1);
  one.type('pwd; env | sort | tr "\\n" " "; echo; echo "[$(tty | cut -c1-8)]"\r');
  await sees(one, '[/dev/pts]');
  expect(one.text()).toContain(folder);
  expect(one.text()).not.toContain('hunter22');
  delete process.env['RUNNER_SECRET'];
  await until('the key is acknowledged', () => one.typed > 10);
});

test('a program that closed its terminal and goes on is not resized, and the next window is served (WS-8)', async () => {
  const before = ourEnds();
  const { page, pty } = await setUp();
  const one = page(1);
  await until('our end is open', () => ourEnds() > before);
  one.type("trap '' HUP; exec sleep 600 </dev/null >/dev/null 2>&1\r");
  await until('our end is closed', () => ourEnds() === before);
  pty.resize(90, 30);
  const next = page(2, { cols: 100, rows: 40 });
  await sees(next, 'sleep 600');
  expect(pty.unwritten()).toBe(0);
});

test.runIf(process.getuid?.() === 0)(
  'in a cell it runs as the user of the cell, has its terminal, and cannot become another (design/runner.md §1)',
  async () => {
    const { page } = await setUp({}, { name: 'cell', user: { uid: 54_321, gid: 54_321, groups: [] } });
    const one = page(1);
    one.type(
      'id -u; id -G; echo from /dev/t""ty > /dev/tty; touch "$HOME/mine" && echo at ho""me; cat /etc/shadow; stty size; echo en""d\r',
    );
    await sees(one, /^end$/m);
    for (const line of ['54321', 'from /dev/tty', 'at home', '24 80']) expect(one.text().split('\n')).toContain(line);
    expect(one.text()).toContain('Permission denied');
  },
);

test('several watchers see the same; one who comes late has everything, without a gap or a repeat (WS-2)', async () => {
  const { page } = await setUp();
  const one = page(1);
  one.type('seq 1 3000; echo the-"end"\r');
  const two = page(2);
  await sees(one, 'the-end');
  const late = page(3);
  one.type('printf "\\e[31mred\\e[0m %s" do"ne"; sleep 0\r');
  for (const each of [one, two, late]) await sees(each, 'done');
  await until('all are at the same place', () => one.offset === two.offset && two.offset === late.offset);
  expect(late.text()).toBe(one.text());
  expect(two.text()).toBe(one.text());
  expect(late.text()).toContain('\n1500\n');
  expect([one, two, late].map(({ states }) => states)).toEqual([1, 1, 1]);
});

test('a watcher who was away for a moment goes on where it was; what it typed twice is typed once (WS-8)', async () => {
  const { page, terminal } = await setUp();
  const one = page(1);
  one.type('echo a"b"c\r');
  await sees(one, 'abc');
  terminal.lost();
  one.join();
  one.typeAgain('echo a"b"c\r', 0);
  one.type('echo on"ce"\r');
  await sees(one, 'once');
  expect(one.states).toBe(2);
  expect(one.text().match(/^abc$/gm)).toHaveLength(1);
});

test('a watcher of another terminal, or from too long ago, gets the screen as it is', async () => {
  const { page, terminal, relay } = await setUp();
  const one = page(1);
  one.type('echo fir"st"\r');
  await sees(one, 'first');
  const stranger = new Page(2, () => terminal);
  stranger.terminal = 'another';
  stranger.offset = 3;
  relay.pages.set(2, stranger);
  stranger.join();
  await sees(stranger, 'first');
  expect(stranger.text()).toBe(one.text());
});

test('the first watcher brings its size, the program and every screen have it; a later one takes it as it is (WS-9)', async () => {
  const { page, terminal } = await setUp();
  const one = page(1, { cols: 100, rows: 30 });
  await until('joined', () => one.states === 1);
  one.type('stty size\r');
  await sees(one, '30 100');
  const two = page(2, { cols: 60, rows: 20 });
  await until('joined, as large as the first', () => two.screen.cols === 100 && two.screen.rows === 30);
  for (let cols = 90; cols >= 60; cols -= 1) terminal.hear(JSON.stringify({ t: 'size', cols, rows: 20 }));
  one.type('stty size\r');
  await sees(one, '20 60');
  await until('both have it', () => [one, two].every(({ screen }) => screen.cols === 60 && screen.rows === 20));
  expect(one.text()).toContain('30 100');
});

test('a flood waits for who watches, loses no byte and no key, and the interrupt gets through (P15)', async () => {
  const { page, relay } = await setUp({ ackMs: 60_000 });
  const one = page(1);
  await until('joined', () => one.states === 1);
  one.acks = false;
  one.type('yes 0123456789012345678901234567890123456789\r');
  await until('the window is full', () => one.offset >= 262_144);
  const full = one.offset;
  // Of a paused program no more comes: what is on its way is the window and what the screen had taken at once.
  expect(full).toBeLessThan(262_144 + 2 * 262_144 + 65_536);
  one.type('\x03');
  one.type('echo still-he"re"\r');
  one.acks = true;
  one.ack();
  await sees(one, 'still-here');
  expect(relay.sentBytes).toBe(one.offset);
  expect(one.states).toBe(1);
});

test('watchers who show nothing hold the program up for a time, then not any more, and get the screen when they are back', async () => {
  const { page } = await setUp({ ackMs: 50 });
  const asleep = page(1);
  asleep.acks = false;
  await until('joined', () => asleep.states === 1);
  asleep.type('seq 1 200000 > seq.txt; cat seq.txt; echo fin"ished"\r');
  const two = page(2);
  await sees(two, 'finished');
  await until('the sleeper is behind', () => asleep.offset < two.offset);
  asleep.acks = true;
  asleep.ack();
  await until('the sleeper is back', () => asleep.states >= 2 && asleep.offset === two.offset);
  await until('what it has is shown', () => asleep.text().includes('finished'));
  expect(asleep.text()).toBe(two.text());
});

test('the screen answers what programs ask, once, and watchers are not needed for it', async () => {
  const { page } = await setUp();
  const one = page(1);
  page(2);
  one.type('IFS=";" read -sdR -p $\'\\e[6n\' row col; echo "at ${row#*[} and $col"\r');
  await sees(one, /at \d+ and \d+/);
  expect(one.text()).not.toContain('R^');
});

test('what is typed into a program that does not read waits for it, whole and in order, and holds nothing else up (WS-7)', async () => {
  const { page, pty, folder } = await setUp();
  const one = page(1);
  one.type('stty raw -echo; echo rea"dy"; until [ -e go ]; do sleep 0.05; done; head -c 60000 | cksum\r');
  await sees(one, 'ready');
  const text = Array.from({ length: 6_000 }, (_, at) => String(at).padStart(10, '.')).join('');
  one.type(text);
  await until('it waits', () => pty.unwritten() > 0);
  await writeFile(join(folder, 'go'), '');
  await sees(one, execaSync('cksum', { input: text }).stdout.trim());
  expect(pty.unwritten()).toBe(0);
});

test('answers that a program does not read are not kept without end', async () => {
  const { page, pty } = await setUp();
  const one = page(1);
  one.type('stty raw -echo; for i in {1..20000}; do printf "\\e[c"; done; echo all-"asked"; sleep 60\r');
  await sees(one, 'all-asked');
  expect(pty.unwritten()).toBeGreaterThan(0);
  expect(pty.unwritten()).toBeLessThan(17_000);
});

test('what it showed is told when the program ends, and when nobody watches for too long (CT-9, WS-16)', async () => {
  const { page, relay, terminal } = await setUp();
  const one = page(1);
  one.type('echo good"bye"; exit 3\r');
  const last = await terminal.over;
  expect(last).toMatchObject({ reason: 'exited', exitCode: 3, at: 7 });
  expect(last.screen).toContain('goodbye');
  expect(relay.last).toEqual(last);

  const lonely = await setUp({ idleMs: 20 });
  expect(await lonely.terminal.over).toMatchObject({ reason: 'unwatched', exitCode: null });
});

test('a watched terminal stays open for longer than the idle time', async () => {
  const { page, terminal } = await setUp({ idleMs: 200 });
  const one = page(1);
  one.type('sleep 0.5; echo lat"er"\r');
  await sees(one, 'later');
  terminal.hear(JSON.stringify({ t: 'leave', viewer: 1 }));
  expect(await terminal.over).toMatchObject({ reason: 'unwatched' });
});

test('its end takes along what it started, also in the background', async () => {
  const { page, terminal, folder } = await setUp();
  const one = page(1);
  one.type('setsid nohup sleep 1000 & echo $! > pid; wait; echo starte"d"\r');
  const pid = await until('the pid', () =>
    readFile(join(folder, 'pid'), 'utf8').then(
      (text) => Number(text.trim()) || null,
      () => null,
    ),
  );
  expect(pid).toBeGreaterThan(1);
  await terminal.end('run_over');
  // Dead is what is not there, or only waits to be buried.
  await until('it is gone', () =>
    readFile(`/proc/${pid}/stat`, 'utf8').then(
      (stat) => / Z /.test(stat),
      () => true,
    ),
  );
});

test('a last screen is bounded, whatever was on it (WS-16)', async () => {
  const { page, terminal } = await setUp();
  const one = page(1, { cols: 300, rows: 50 });
  await until('joined', () => one.states === 1);
  one.type('for i in $(seq 3000); do printf "\\e[3%sm%0280d\\e[0m\\n" $((i % 8)) $i; done; echo en"d"\r');
  await sees(one, 'end');
  const last = await terminal.end('run_over');
  expect(JSON.stringify(last.screen).length).toBeLessThanOrEqual(262_144);
  expect(last.screen.length).toBeGreaterThan(30_000);
});

test('frames that cannot be read change nothing', async () => {
  const { page, terminal } = await setUp();
  const one = page(1);
  for (const frame of ['', '{', '{"t":"join"}', '{"t":"size","cols":100000,"rows":1}']) terminal.hear(frame);
  terminal.hear(new Uint8Array([9, 9]));
  terminal.hear(new Uint8Array());
  one.typeAgain('echo never\r', 500);
  one.type('echo he"re"\r');
  await sees(one, 'here');
  expect(one.text()).not.toContain('never');
});
