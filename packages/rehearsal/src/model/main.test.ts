import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { closeServer, listenOnLoopback } from '../loopback.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

const run = async (port: string) => {
  const child = spawn(process.execPath, [MAIN, '--port', port], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data) => (said += String(data)));
  const [code] = await once(child, 'close');
  return { code, said };
};

test('the command prints its address, serves there, and ends when told to', async () => {
  const child = spawn(process.execPath, [MAIN, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const { url, scripted } = JSON.parse(String(line));
  expect(scripted).toBe(true);
  expect((await fetch(`${url}/models`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('the command says what is wrong with its port and when the port is taken', async () => {
  expect(await run('many')).toEqual({ code: 2, said: expect.stringContaining('--port wants a number') });
  const other = createServer();
  const taken = await listenOnLoopback(other, 0);
  expect(await run(String(taken))).toEqual({ code: 1, said: expect.stringContaining('in use') });
  await closeServer(other);
});
