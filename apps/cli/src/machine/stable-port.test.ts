import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { outgoingPorts, stablePort, stableRange } from './stable-port.ts';

const told = (text: string) => {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'gastown-range-')), 'range');
  writeFileSync(file, text);
  return outgoingPorts(file);
};

it('a port to remember lies outside those that outgoing connections take, wherever the machine has them', () => {
  expect(told('32768\t60999\n')).toEqual({ first: 32_768, last: 60_999 });
  expect(told('?')).toBeNull();
  expect(outgoingPorts('/nowhere/at/all')).toBeNull();
  expect(stableRange(null)).toEqual({ first: 20_000, last: 29_999 });
  expect(stableRange({ first: 32_768, last: 60_999 })).toEqual({ first: 20_000, last: 29_999 });
  expect(stableRange({ first: 15_000, last: 65_000 })).toEqual({ first: 1_024, last: 14_999 });
  expect(stableRange({ first: 1_024, last: 30_000 })).toEqual({ first: 30_001, last: 65_535 });
  expect(stableRange({ first: 1_024, last: 65_535 })).toEqual({ first: 20_000, last: 29_999 });
});

it('a stable port is free, and another than those already chosen; where none is, the system chooses', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const only = { first: port, last: port };
  expect(await stablePort([], only)).toBe(0);
  await new Promise((resolve) => server.close(resolve));
  expect(await stablePort([], only)).toBe(port);
  expect(await stablePort([port], only)).toBe(0);
});
