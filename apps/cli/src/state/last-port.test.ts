import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { pathsOf } from './folder.ts';
import { DEFAULT_PORT, keepPort, lastPort, portFor } from './last-port.ts';

const folder = () => pathsOf(mkdtempSync(path.join(os.tmpdir(), 'gastown-port-')));
async function taken() {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, free: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

it('a start that names no port takes the last one of its folder, while it is free', async () => {
  const state = folder();
  expect(await portFor(state)).toEqual({ port: DEFAULT_PORT, insteadOf: null });
  const other = await taken();
  keepPort(state, other.port);
  expect(lastPort(state)).toBe(other.port);
  expect(await portFor(state)).toEqual({ port: DEFAULT_PORT, insteadOf: other.port });
  await other.free();
  expect(await portFor(state)).toEqual({ port: other.port, insteadOf: null });
});

it('what a killed launcher left on the port does not cost it: the start ends it', async () => {
  const state = folder();
  const other = await taken();
  keepPort(state, other.port);
  const dead = {
    pid: 2 ** 22 + 1,
    startTicks: 1,
    version: '1',
    demo: true,
    startedAt: 1,
    port: other.port,
    url: null,
    hostUrl: null,
    children: [],
  };
  writeFileSync(state.lock, JSON.stringify(dead));
  expect(await portFor(state)).toEqual({ port: other.port, insteadOf: null });
  await other.free();
});

it('a file that names no port counts as none', () => {
  const state = folder();
  for (const text of ['', 'x', '70000', '-1']) {
    writeFileSync(path.join(state.root, 'port'), text);
    expect(lastPort(state)).toBeNull();
  }
});
