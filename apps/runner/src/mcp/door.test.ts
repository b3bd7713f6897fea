import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { ok } from '@gastown/protocol';
import { until } from '../testing/until.ts';
import { addressAtDoor } from './door.ts';
import { openToolServer } from './server.ts';

type Door = (request: IncomingMessage, response: ServerResponse) => void;

async function portOf(door: Door): Promise<string> {
  const http = createServer(door);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  const address = http.address();
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
}

/** A run's address, good from this process, with that door behind it. */
async function admittedTo(doorUrl: string) {
  const logged: Record<string, unknown>[] = [];
  const server = await openToolServer((event, fields = {}) => void logged.push({ event, ...fields }), doorUrl);
  onTestFinished(() => server.close());
  const call = () => Promise.resolve(ok({ summary: '', data: null, links: [] }));
  const run = server.admit({ role: 'polecat', instructions: '', call, doorToken: () => Promise.resolve('gtd.secret') });
  run.from(process.pid);
  return { run, logged, url: `${run.url}/llm/anthropic/v1/messages?beta=true` };
}
const ask = (url: string, init: RequestInit = {}) =>
  fetch(url, {
    method: 'POST',
    body: '{"model":"m"}',
    headers: { 'x-api-key': 'mine', authorization: 'Bearer mine', 'session-id': 's-1' },
    ...init,
  });

test('a model call goes to the door with the token, which the agent does not have, and its answer comes as it is (design/runner.md §1)', async () => {
  const seen: unknown[] = [];
  const doorUrl = await portOf(async (request, response) => {
    const body = (await request.toArray()).join('');
    const { 'x-api-key': key, authorization, 'session-id': session } = request.headers;
    seen.push({ url: request.url, key, authorization, session, body });
    response.writeHead(429, { 'retry-after': '7', 'content-type': 'text/plain' }).end('wait');
  });
  const answer = await ask((await admittedTo(doorUrl)).url);
  expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([429, '7', 'wait']);
  expect(seen).toEqual([
    { url: '/llm/anthropic/v1/messages?beta=true', key: 'gtd.secret', authorization: undefined, session: 's-1', body: '{"model":"m"}' },
  ]);
});

test('it streams, and an agent that leaves ends the call at the door', async () => {
  const left = Promise.withResolvers<void>();
  const doorUrl = await portOf((_request, response) => {
    response.on('close', left.resolve);
    response.writeHead(200).write('one');
  });
  const leaving = new AbortController();
  const answer = await ask((await admittedTo(doorUrl)).url, { signal: leaving.signal });
  const { value } = await answer.body!.getReader().read();
  expect(new TextDecoder().decode(value)).toBe('one');
  leaving.abort();
  await left.promise;
});

test('an agent that leaves before it has an answer ends the call at the door too', async () => {
  const [asked, left] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const doorUrl = await portOf((_request, response) => {
    response.on('close', left.resolve);
    asked.resolve();
  });
  const leaving = new AbortController();
  const answer = ask((await admittedTo(doorUrl)).url, { signal: leaving.signal });
  await asked.promise;
  leaving.abort();
  await expect(answer).rejects.toThrow('aborted');
  await left.promise;
});

test('an answer that the door breaks off is broken off, and a door that is not there is a 502', async () => {
  const doorUrl = await portOf((_request, response) => void response.writeHead(200).write('one', () => response.destroy()));
  const answer = await ask((await admittedTo(doorUrl)).url);
  await expect(answer.text()).rejects.toThrow('terminated');
  expect((await ask((await admittedTo('http://127.0.0.1:9')).url)).status).toBe(502);
});

test('a process that the agent starts cannot call the model with what it sees, and nobody can when the run is over (design/runner.md §1)', async () => {
  let calls = 0;
  const doorUrl = await portOf((_request, response) => void (calls++, response.end('yes')));
  const { run, url, logged } = await admittedTo(doorUrl);
  expect((await ask(url)).status).toBe(200);
  const script = `console.log((await fetch(process.argv[1], { method: 'POST', body: '{}' })).status)`;
  expect((await execa(process.execPath, ['--input-type=module', '-e', script, url])).stdout).toBe('403');
  await until('it is logged', () => logged.length > 0);
  expect(logged).toMatchObject([{ event: 'tools.stranger', command: expect.stringContaining('/mcp/****/llm/') }]);
  run.dismiss();
  expect((await ask(url)).status).toBe(404);
  expect(calls).toBe(1);
});

test.each(['/llm/../runner/link', '/llm/%2e%2e/runner', '//evil.example/llm/x', '/llm', '/other'])('%s leads nowhere', (path) => {
  expect(addressAtDoor({ url: 'https://town.example', path })).toBeNull();
});

test('what is at the door is addressed there', () => {
  expect(String(addressAtDoor({ url: 'https://town.example', path: '/llm/anthropic/v1/messages?beta=true' }))).toBe(
    'https://town.example/llm/anthropic/v1/messages?beta=true',
  );
});
