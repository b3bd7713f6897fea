import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { until } from '../testing/until.ts';
import { openSocket } from './socket.ts';

/** A server that does with each connection what it is told; the waits that the socket says it makes. */
async function setUp(greet: (connection: number) => string | null, steadyMs?: number) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  let connections = 0;
  server.on('connection', (socket) => {
    const words = greet(++connections);
    if (words !== null) socket.send(words);
    socket.close(1009);
  });
  const waits: number[] = [];
  const socket = openSocket({
    url: () => `ws://127.0.0.1:${(server.address() as { port: number }).port}`,
    headers: {},
    name: 'test',
    log: (event, fields = {}) => void (event === 'socket.closed' && waits.push(Number(fields['retryMs']))),
    onOpen: () => undefined,
    onText: () => undefined,
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
  const waits = await setUp(() => 'hello', 0);
  await until('five tries', () => waits.length >= 5);
  expect(waits.slice(0, 5)).toEqual([25, 25, 25, 25, 25]);
});
