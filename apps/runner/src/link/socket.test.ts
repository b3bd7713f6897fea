import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket as ServerSocket } from 'ws';
import { until } from '../testing/until.ts';
import { openSocket } from './socket.ts';

interface How {
  readonly steadyMs?: number;
  readonly ends?: (socket: ServerSocket) => void;
}

/** A server that does with each connection what it is told; the waits that the socket says it makes. */
async function setUp(greet: (connection: number) => string | null, { steadyMs, ends = (socket) => socket.close(1009) }: How = {}) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  let connections = 0;
  server.on('connection', (socket) => {
    const words = greet(++connections);
    if (words !== null) socket.send(words);
    ends(socket);
  });
  const waits: number[] = [];
  const socket = openSocket({
    url: () => `ws://127.0.0.1:${(server.address() as { port: number }).port}`,
    headers: {},
    name: 'test',
    log: (event, fields = {}) => void (event === 'socket.closed' && waits.push(Number(fields['retryMs']))),
    onOpen: () => undefined,
    onText: (text) => void socket.send(text),
    random: () => 0.1,
    ...(steadyMs !== undefined && { steadyMs }),
  });
  onTestFinished(() => {
    socket.close();
    server.close();
  });
  return waits;
}

test.each([
  ['without a word', null],
  ['after a word', 'hello'],
])('a peer that takes a socket and closes it again, %s, is tried ever more seldom', async (_, words) => {
  const waits = await setUp(() => words);
  await until('five tries', () => waits.length >= 5);
  expect(waits.slice(0, 5)).toEqual([25, 50, 100, 200, 400]);
});

test('one that stayed for a while is tried at once', async () => {
  const waits = await setUp(() => 'hello', { steadyMs: 0 });
  await until('five tries', () => waits.length >= 5);
  expect(waits.slice(0, 5)).toEqual([25, 25, 25, 25, 25]);
});

test('one that was heard and breaks off, because its peer was killed say, is tried at once (P18)', async () => {
  const waits = await setUp(() => 'hello', { ends: (socket) => socket.on('message', () => socket.terminate()) });
  await until('five tries', () => waits.length >= 5);
  expect(waits.slice(0, 5)).toEqual([25, 25, 25, 25, 25]);
});
