import { expect, onTestFinished, test } from 'vitest';
import { LIMITS } from '@gastown/protocol';
import type { TranscriptItem } from '@gastown/protocol';
import type { Log } from '../system/log.ts';
import { openFakeTown } from '../testing/fake-town.ts';
import type { FakeTownOptions } from '../testing/fake-town.ts';
import { AGENT, RUN } from '../testing/fixtures.ts';
import { makeRedactor } from '../system/redact.ts';
import { SECRET } from '../system/redact.hostile.ts';
import { until } from '../testing/until.ts';
import { openAgentStream } from './stream.ts';
import { cutTo } from './tool-output.ts';

const redactor = makeRedactor();
redactor.add(SECRET);
const notice = (id: string, text = id): TranscriptItem => ({ id, runId: 'run-1', at: 1, kind: 'notice', code: 'x', text });

async function setUp(log: Log = () => undefined, changes: { mostWaiting?: number; heldMs?: number } = {}, options: FakeTownOptions = {}) {
  const away = { isAway: false, asked: 0 };
  const town = await openFakeTown({ refusesStreams: () => (away.asked++, away.isAway ? 'silence' : null), ...options });
  const stream = openAgentStream({
    url: town.url,
    token: 'runner-secret-token',
    agentId: AGENT,
    runId: RUN,
    log,
    onTerminalWanted: () => undefined,
    ...changes,
    redactor,
  });
  onTestFinished(async () => {
    stream.end();
    await town.close();
  });
  return { town, stream, away };
}

test('items put before the socket is open arrive, in order, and are known to be stored', async () => {
  const { town, stream } = await setUp();
  for (const id of ['a', 'b', 'c']) stream.put(notice(id));
  await stream.stored();
  expect([...town.items.keys()]).toEqual(['a', 'b', 'c']);
});

test('no secret leaves in a transcript, also where the text was cut in the middle of one (I16, GT-7)', async () => {
  const { town, stream } = await setUp();
  stream.put(notice('a', `the password is ${SECRET}`));
  stream.put(notice('b', cutTo(`the password is ${SECRET}`, 35)));
  await stream.stored();
  expect(town.items.get('a')).toMatchObject({ text: 'the password is ****' });
  expect(town.items.get('b')).toMatchObject({ text: expect.stringMatching(/^the password is \*{4}\n… \(cut: /) });
});

test('a secret that is longer than a frame lets an item keep is gone before the item is cut (I16)', async () => {
  const { town, stream } = await setUp();
  stream.put({ id: 'a', runId: 'run-1', at: 1, kind: 'assistant', text: `${'\u0001'.repeat(128)}${SECRET}${'\u0001'.repeat(250_000)}` });
  await stream.stored();
  expect(JSON.stringify(town.items.get('a'))).not.toContain(SECRET.slice(0, 6));
});

test('what stands between two texts of an item is kept: an address in one, a mail address in the next (I16)', async () => {
  const { town, stream } = await setUp();
  const input = { open: 'http://localhost:3000', mail: 'ada@example.org' };
  stream.put({
    id: 'a',
    runId: 'run-1',
    at: 1,
    kind: 'tool',
    tool: 'x',
    title: 'x',
    state: 'running',
    input,
    output: null,
    answer: null,
    endedAt: null,
  });
  await stream.stored();
  expect(town.items.get('a')).toMatchObject({ input });
});

test('a secret that is said in two pieces, with time between them, is in no live frame (I16)', async () => {
  const { town, stream } = await setUp();
  await until('the stream is open', () => town.streams() > 0);
  const [said, rest] = [`it is ${SECRET.slice(0, 12)}`, `${SECRET.slice(12)}, or so`];
  stream.live('run-1', { id: 't1', kind: 'assistant', text: said, offset: 0 }, 1);
  await until('the first piece', () => town.lives.length > 0);
  stream.live('run-1', { id: 't1', kind: 'assistant', text: rest, offset: said.length }, 2);
  await until('the second', () => town.lives.length > 1);
  expect(town.lives.map(({ text }) => text)).toEqual(['it is ', '****, or so']);
});

const says = (text: string, offset: number) => ({ id: 't1', kind: 'assistant', text, offset }) as const;

test('the last letters of an agent that pauses are told, though a secret may begin with them; the rest of one is not (I16)', async () => {
  const { town, stream } = await setUp(undefined, { heldMs: 50 });
  await until('the stream is open', () => town.streams() > 0);
  let offset = 0;
  const pieces = ['the gho', ` is ${SECRET.slice(0, 5)}`, SECRET.slice(5, 9), SECRET.slice(9), ', or so'];
  const told = [['the gho'], [' is ', 'gho_a'], [], ['****'], [', or so']];
  for (const [at, piece] of pieces.entries()) {
    stream.live('run-1', says(piece, offset), 1);
    offset += piece.length;
    const before = told.slice(0, at + 1).flat();
    await until(piece, () => town.lives.length >= before.length);
    expect(town.lives.map(({ text }) => text)).toEqual(before);
  }
});

test('what a live text has of a secret is in no frame, however it is said in pieces; the frames fit together (I16)', async () => {
  const { town, stream } = await setUp(undefined, { heldMs: 0 });
  stream.put(notice('first'));
  await stream.stored();
  const all = `it is ${SECRET} and ${SECRET}.`;
  for (let offset = 0; offset < all.length; offset += 3) {
    stream.live('run-1', says(all.slice(offset, offset + 3), offset), 1);
    stream.put(notice(`n${offset}`));
    await stream.stored();
  }
  let whole = '';
  for (const { text, offset } of town.lives) {
    expect(offset).toBe(whole.length);
    whole += text;
  }
  expect(whole).toMatch(/^it is (g?h?o?_?a?B?3?)\*{4} and (g?h?o?_?a?B?3?)\*{4}\.$/);
});

test.each([1, 3, 7])('a user and a password in an address that is said in pieces of %i are in no live frame (I16)', async (much) => {
  const { town, stream } = await setUp(undefined, { heldMs: 0 });
  stream.put(notice('first'));
  await stream.stored();
  const all =
    'to https://ada:hunter22@host/r, postgres://bob:hun@ter22@db/x, https://ghx_1234567890@host or http://localhost:3000 of me@home.';
  for (let offset = 0; offset < all.length; offset += much) {
    stream.live('run-1', says(all.slice(offset, offset + much), offset), 1);
    stream.put(notice(`n${offset}`));
    await stream.stored();
  }
  const whole = town.lives.map(({ text }) => text).join('');
  expect(whole).toBe('to https://host/r, postgres://db/x, https://host or http://localhost:3000 of me@home.');
});

test('a good part of a secret waits for the settled item, which ends it', async () => {
  const { town, stream } = await setUp(undefined, { heldMs: 0 });
  await until('the stream is open', () => town.streams() > 0);
  const text = `it is ${SECRET.slice(0, 10)}`;
  stream.live('run-1', says(text, 0), 1);
  await until('what it begins with', () => town.lives.length > 0);
  for (const id of ['a', 'b', 'c']) {
    stream.put(notice(id));
    await stream.stored();
  }
  stream.put({ id: 't1', runId: 'run-1', at: 1, kind: 'assistant', text });
  stream.live('run-1', { ...says('more', 0), id: 't2' }, 1);
  await until('the next text', () => town.lives.length > 1);
  expect(town.lives.map((live) => live.text)).toEqual(['it is ', 'more']);
  expect(town.items.get('t1')).toMatchObject({ text: 'it is ****' });
});

test('what was not acknowledged is sent again after a lost connection', async () => {
  const { town, stream } = await setUp();
  stream.put(notice('a'));
  await stream.stored();
  town.dropSockets();
  stream.put(notice('b'));
  stream.put(notice('c'));
  await stream.stored();
  expect([...town.items.keys()]).toEqual(['a', 'b', 'c']);
});

test('names its run, and ends for good when later runs write', async () => {
  const logged: string[] = [];
  const { town } = await setUp((event) => logged.push(event));
  await until('the stream is open', () => town.openStreams().length > 0);
  expect(town.openStreams()).toEqual([`/runner/agents/${AGENT}/stream?run=${RUN}`]);
  town.sayOver();
  await until('the stream is closed by the runner', () => town.openStreams().length === 0);
  expect(logged).not.toContain('socket.closed');
});

test('what a command gives is in the transcript while it runs, and the whole of it at its end', { timeout: 20_000 }, async () => {
  const { town, stream } = await setUp();
  const call = (state: 'running' | 'completed', output: string | null) =>
    ({
      id: 'c',
      runId: 'run-1',
      at: 1,
      kind: 'tool',
      tool: 'bash',
      title: 'make',
      state,
      input: null,
      output,
      answer: null,
      endedAt: null,
    }) as const;
  stream.put(call('running', null));
  stream.grow(call('running', `first ${SECRET}\n`));
  await until('what it gave so far', () => JSON.stringify(town.items.get('c') ?? null).includes('first'), 15_000);
  expect(town.items.get('c')).toMatchObject({ state: 'running', output: 'first ****\n' });
  stream.grow(call('running', 'first second'));
  stream.put(call('completed', 'first second third'));
  await stream.stored();
  expect(town.items.get('c')).toMatchObject({ state: 'completed', output: 'first second third' });
});

test('live text is joined: a hundred pieces are a few frames that fit together', async () => {
  const { town, stream } = await setUp();
  await until('the stream is open', () => town.streams() > 0);
  for (let offset = 0; offset < 100; offset++) stream.live('run-1', { id: 't1', kind: 'assistant', text: 'x', offset }, 1);
  stream.put(notice('end'));
  await stream.stored();
  expect(town.lives.length).toBeLessThanOrEqual(2);
  expect(town.lives.map((frame) => frame.text).join('')).toHaveLength(100);
});

test('an item that no frame holds is stored shorter, and what comes after it is stored too', async () => {
  const { town, stream } = await setUp();
  stream.put({
    id: 'p',
    runId: 'run-1',
    at: 1,
    kind: 'plan',
    entries: [{ text: 'x'.repeat(LIMITS.frameBytes.value * 2), state: 'pending' }],
  });
  stream.put(notice('b'));
  await stream.stored();
  expect([...town.items.keys()]).toEqual(['p', 'b']);
  expect(JSON.stringify(town.items.get('p')).length).toBeLessThan(LIMITS.frameBytes.value);
});

test('while the town is away the newest items are kept, and it is said how many are missing', async () => {
  const { town, stream } = await setUp(undefined, { mostWaiting: 1_000 });
  for (let at = 0; at < 50; at++) stream.put(notice(`n${at}`));
  await stream.stored();
  expect([...town.items.keys()]).toContain('n49');
  expect([...town.items.keys()]).not.toContain('n0');
  const missing = 50 - [...town.items.keys()].filter((id) => id.startsWith('n')).length;
  expect(town.items.get(`${RUN}-lost`)).toMatchObject({ code: 'transcript_lost', text: expect.stringContaining(` ${missing} items`) });
});

test.each([
  [20_000, 64],
  [60_000, 34],
])(
  'a town that is slower than an agent is sent no more than it takes, of items of %i characters %i, and all of it in the end',
  async (characters, most) => {
    let seen = 0;
    let isSlow = true;
    const { town, stream } = await setUp(undefined, {}, { storesNothing: () => (seen++, isSlow) });
    await until('the stream is open', () => town.streams() > 0);
    for (let at = 0; at < 200; at++) stream.put(notice(`n${at}`, 'x'.repeat(characters)));
    stream.live('run-1', says('after them', 0), 1);
    await until('the town got what came after them', () => town.lives.length > 0);
    expect(seen).toBe(most);
    isSlow = false;
    town.dropSockets();
    await stream.stored();
    expect([...town.items.keys()]).toEqual(Array.from({ length: 200 }, (_, at) => `n${at}`));
  },
);

test('an agent that says more than the town can take costs the runner little: what goes goes in large parts, and is told so often', async () => {
  const logged: string[] = [];
  const { town, stream } = await setUp((event) => logged.push(event), { mostWaiting: 100_000 }, { storesNothing: () => true });
  await until('the stream is open', () => town.streams() > 0);
  for (let at = 0; at < 5_000; at++) stream.put(notice(`n${at}`, 'x'.repeat(100)));
  const told = logged.filter((event) => event === 'transcript.dropped').length;
  expect(told).toBeGreaterThan(5);
  expect(told).toBeLessThan(60);
});

test('what a run that ended in a cut has said is stored when the cut is over, and its socket ends with that (WS-3, WS-12)', async () => {
  const { town, stream, away } = await setUp();
  away.isAway = true;
  for (const id of ['a', 'b', 'c']) stream.put(notice(id));
  await until('the town was asked in vain', () => away.asked > 1);
  stream.close();
  away.isAway = false;
  await until('all of it is stored', () => town.items.size === 3);
  expect([...town.items.keys()]).toEqual(['a', 'b', 'c']);
  await until('the stream is closed by the runner', () => town.openStreams().length === 0);
});

test('a stream that opens after the end of its run says so', async () => {
  const { town, stream, away } = await setUp(undefined, {}, { storesNothing: () => true });
  away.isAway = true;
  stream.put(notice('a'));
  await until('the town was asked in vain', () => away.asked > 1);
  stream.close();
  away.isAway = false;
  await until('the stream is open', () => town.openStreams().length > 0);
  expect(town.openStreams()).toEqual([`/runner/agents/${AGENT}/stream?run=${RUN}&over=1`]);
});

test('nobody waits for a stream whose agent has later runs, and it is told what that cost', async () => {
  const logged: unknown[] = [];
  const { town, stream } = await setUp((event, fields) => logged.push({ event, ...fields }), {}, { storesNothing: () => true });
  await until('the stream is open', () => town.openStreams().length > 0);
  stream.put(notice('a'));
  const stored = stream.stored();
  town.sayOver();
  await stored;
  stream.put(notice('b'));
  await stream.stored();
  expect(logged.filter((line) => JSON.stringify(line).includes('transcript.dropped'))).toEqual([
    { event: 'transcript.dropped', runId: RUN, items: 1 },
    { event: 'transcript.dropped', runId: RUN, items: 1 },
  ]);
});
