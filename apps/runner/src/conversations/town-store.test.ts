import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { failure, httpStatus, nextStep, type AgentId, type Failure } from '@gastown/protocol';
import { afterEach, expect, test } from 'vitest';
import { makeTownStore } from './town-store.ts';

const server = createServer();
afterEach(() => server.close());

test('only the code says that no conversation is kept; another refusal that has the word in it is an error (DR-22)', async () => {
  let refused: Failure = failure('unknown_conversation');
  server.on('request', (_request, response) => {
    response.statusCode = httpStatus(refused.code);
    response.end(JSON.stringify({ ok: false, failure: refused, next: nextStep(refused) }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const store = makeTownStore({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'runner-secret-token' });
  const info = () => store.info('ag-1' as AgentId, AbortSignal.timeout(5_000));
  expect(await info()).toBeNull();
  refused = failure('unknown_agent', 'There is no agent unknown_conversation in this town.');
  await expect(info()).rejects.toThrow('the town answered 404');
});
