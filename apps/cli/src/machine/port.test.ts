import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { checkPort, portWithin } from './port.ts';

async function connection() {
  const server = createServer((accepted) => accepted.once('error', () => undefined)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await Promise.all([once(socket, 'connect'), once(server, 'connection')]);
  /** Reset: the system keeps no port of it. */
  const end = async () => {
    socket.resetAndDestroy();
    await once(socket, 'close');
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: socket.localPort!, end };
}
const taken = (message: string) => ({ ok: false, failure: { code: 'port_taken', message: expect.stringContaining(message) } });

it('a port that a connection holds is waited for, and named as that when it stays', async () => {
  const { port, end } = await connection();
  expect(await checkPort(port)).toMatchObject(taken('by a connection of '));
  expect(await portWithin(port, 20, 5)).toMatchObject(taken(`(process ${process.pid})`));
  const free = portWithin(port, 60_000, 5);
  expect(await checkPort(port)).toMatchObject({ ok: false }); // by now that has found it taken
  await end();
  expect(await free).toMatchObject({ ok: true });
});

it('a program that listens stays: it is named at once', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await portWithin(port, 2 ** 30)).toMatchObject(taken(`is taken by ${process.execPath}`));
  await new Promise((resolve) => server.close(resolve));
});
