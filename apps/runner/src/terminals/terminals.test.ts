import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FromTerminal, LIMITS, readOutputFor, typedBy } from '@gastown/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { OWN } from '../system/cell.ts';
import { SECRET } from '../system/redact.hostile.ts';
import { makeRedactor } from '../system/redact.ts';
import { AGENT } from '../testing/fixtures.ts';
import { until } from '../testing/until.ts';
import { makeTerminals } from './terminals.ts';
import type { TerminalRun } from './terminals.ts';

/** The agent's object, as far as a runner's terminals see it. */
async function setUp() {
  const folder = await mkdtemp(join(tmpdir(), 'gastown-terminals-'));
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const seen: { url: string; socket: WebSocket; said: FromTerminal[]; shown: string }[] = [];
  server.on('connection', (socket, request) => {
    const one = { url: `${request.headers.authorization} ${request.url}`, socket, said: [] as FromTerminal[], shown: '' };
    seen.push(one);
    socket.on('message', (data, binary) => {
      if (!binary && (data as Buffer).includes('"ended"')) socket.send(JSON.stringify({ t: 'kept' }));
      if (binary) one.shown += Buffer.from(readOutputFor(data as Buffer)!.bytes).toString();
      else one.said.push(FromTerminal.parse(JSON.parse((data as Buffer).toString())));
    });
  });
  const redactor = makeRedactor();
  const { port } = server.address() as { port: number };
  const terminals = makeTerminals({
    url: `http://127.0.0.1:${port}`,
    token: 'runner-secret-token',
    folder: join(folder, 'terminals'),
    path: process.env['PATH']!,
    lang: 'C.UTF-8',
    log: () => undefined,
    redactor,
    now: Date.now,
  });
  onTestFinished(async () => {
    await terminals.stopAll();
    server.close();
    await rm(folder, { recursive: true });
  });
  const run = (changes: Partial<TerminalRun> = {}): TerminalRun => ({
    agentId: AGENT,
    runId: 'run-1' as never,
    cell: OWN,
    cwd: folder,
    live: () => Promise.resolve(null),
    ...changes,
  });
  return { terminals, seen, run, folder, redactor };
}
const JOIN = JSON.stringify({ t: 'join', viewer: 5, client: 'page', cols: 80, rows: 24, have: null });

test('a terminal has one socket of its own, whoever asks how often, and answers over it', async () => {
  const { terminals, seen, run } = await setUp();
  const mine = terminals.of(run());
  expect(await Promise.all([mine.open('shell'), mine.open('shell')])).toEqual([
    { ok: true, value: null },
    { ok: true, value: null },
  ]);
  await mine.open('shell');
  const one = await until('the socket', () => seen[0]);
  expect(one.url).toBe(`Bearer runner-secret-token /runner/agents/${AGENT}/terminal?kind=shell`);
  one.socket.send(JOIN);
  one.socket.send(typedBy(5, { number: 0, bytes: Buffer.from('echo he"re"\r') }));
  await until('its output', () => one.shown.includes('here'));
  expect(seen).toHaveLength(1);
});

test('a secret of the runner that its shell prints is in no output, no drawn screen and not in the last one, also one that came after it was opened (I16)', async () => {
  const { terminals, seen, run, folder, redactor } = await setUp();
  await writeFile(join(folder, 'found'), `it is ${SECRET}, or so`);
  await terminals.of(run()).open('shell');
  const one = await until('the socket', () => seen[0]);
  redactor.addPassing(SECRET);
  one.socket.send(JOIN);
  // In one piece, and in two with a moment between.
  const typed = 'cat found; head -c 20 found; until test -e go; do sleep 0.05; done; tail -c +21 found; echo en""d\r';
  one.socket.send(typedBy(5, { number: 0, bytes: Buffer.from(typed) }));
  await until('the first half', () => /so\r?\n?it is /.test(one.shown) || one.shown.includes('soit is '));
  expect(one.shown).toContain(`it is ${stars(SECRET.length)}, or so`);
  await writeFile(join(folder, 'go'), '');
  await until('the second', () => one.shown.includes('end\r'));
  one.socket.send(JOIN);
  await until('the screen drawn anew', () => one.said.filter(({ t }) => t === 'state').length === 2);
  await terminals.stopAll();
  const everything = one.shown + JSON.stringify(one.said);
  expect(one.said.at(-1)).toMatchObject({ t: 'ended' });
  for (let at = 0; at + 6 <= SECRET.length; at += 1)
    expect(everything).not.toContain(JSON.stringify(SECRET.slice(at, at + 6)).slice(1, -1));
});
const stars = (much: number): string => '*'.repeat(much);

test('after a cut it is the same terminal over a new socket (WS-8)', async () => {
  const { terminals, seen, run } = await setUp();
  await terminals.of(run()).open('shell');
  const first = await until('the socket', () => seen[0]);
  first.socket.send(JOIN);
  const before = await until('its state', () => first.said.find(({ t }) => t === 'state'));
  first.socket.terminate();
  const second = await until('the next socket', () => seen[1]);
  second.socket.send(JOIN);
  const after = await until('its state', () => second.said.find(({ t }) => t === 'state'));
  expect(after).toMatchObject({ terminal: (before as { terminal: string }).terminal });
});

test('it ends with its run and tells what it showed last; a run that is over opens none (WS-16)', async () => {
  const { terminals, seen, run } = await setUp();
  const mine = terminals.of(run());
  await mine.open('shell');
  const one = await until('the socket', () => seen[0]);
  one.socket.send(JOIN);
  one.socket.send(typedBy(5, { number: 0, bytes: Buffer.from('echo by"e"\r') }));
  await until('its output', () => one.shown.includes('bye'));
  await mine.end();
  const ended = await until('its end', () => one.said.find((frame) => frame.t === 'ended'));
  expect(ended.last).toMatchObject({ reason: 'run_over', screen: expect.stringContaining('bye') });
  await until('its socket is closed', () => one.socket.readyState === one.socket.CLOSED);
  expect(await mine.open('shell')).toMatchObject({ ok: false, failure: { code: 'run_over' } });
});

test('what it showed last waits for its socket, when that is away at the end', async () => {
  const { terminals, seen, run } = await setUp();
  const mine = terminals.of(run());
  await mine.open('shell');
  const one = await until('the socket', () => seen[0]);
  one.socket.terminate();
  await until('the cut is seen', () => one.socket.readyState === one.socket.CLOSED);
  await mine.end();
  await until('its end', () => seen.some(({ said }) => said.some(({ t }) => t === 'ended')));
  expect(seen.length).toBeGreaterThan(1);
});

test('a runner opens so many and no more, and says why; a closed one makes room (CT-9)', async () => {
  const { terminals, run, seen } = await setUp();
  const most = LIMITS.terminalsPerRunner.value;
  const runs = Array.from({ length: most + 1 }, (_, at) =>
    terminals.of(run({ agentId: `${AGENT}${at}` as never, runId: `run-${at}` as never })),
  );
  const opened = await Promise.all(runs.map((one) => one.open('shell')));
  expect(opened.filter(({ ok }) => ok)).toHaveLength(most);
  expect(opened.find(({ ok }) => !ok)).toMatchObject({ failure: { code: 'terminals_full' } });
  await until('their sockets', () => seen.length === most);
  await runs[opened.findIndex(({ ok }) => ok)]!.end();
  expect(await runs[opened.findIndex(({ ok }) => !ok)]!.open('shell')).toMatchObject({ ok: true });
});

test('a live view is there where the agent program has a screen; a program that cannot start is told', async () => {
  const { terminals, run } = await setUp();
  expect(await terminals.of(run()).open('live')).toMatchObject({ ok: false, failure: { code: 'no_live_view' } });
  expect(await terminals.of(run({ live: () => Promise.resolve({ program: '/bin/cat', args: [] }) })).open('live')).toMatchObject({
    ok: true,
  });
  expect(await terminals.of(run({ cwd: '/nowhere/at/all' })).open('shell')).toMatchObject({
    ok: false,
    failure: { code: 'terminal_failed' },
  });
});

test('whatever is in the way of a terminal is told, and nothing else comes of it (WS-16)', async () => {
  const { terminals, run, folder } = await setUp();
  const broken = terminals.of(run({ live: () => Promise.reject(new Error('gone')) }));
  expect(await broken.open('live')).toMatchObject({
    ok: false,
    failure: { code: 'terminal_failed', message: expect.stringContaining('gone') },
  });
  await writeFile(join(folder, 'terminals'), 'in the way');
  const mine = terminals.of(run());
  const opening = mine.open('shell');
  await mine.end();
  expect(await opening).toMatchObject({ ok: false, failure: { code: 'terminal_failed' } });
});
