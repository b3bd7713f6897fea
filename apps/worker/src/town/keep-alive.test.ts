import { evictDurableObject } from 'cloudflare:test';
import { afterEach, expect, it, vi } from 'vitest';
import { watch } from '../../test/runner.ts';
import { storageOf, stubOf, town } from '../../test/town.ts';

/** Each object makes one pair when it wakes, and at no other time. */
function countedWakes(): { count: number } {
  const wakes = { count: 0 };
  class Counted extends WebSocketRequestResponsePair {
    constructor(request: string, response: string) {
      super(request, response);
      wakes.count += 1;
    }
  }
  vi.stubGlobal('WebSocketRequestResponsePair', Counted);
  return wakes;
}
afterEach(() => void vi.unstubAllGlobals());

it('the ping of an open page is answered by the platform, and its town sleeps on (P7)', async () => {
  const { id, cookie } = await town();
  const browser = await watch(id, cookie);
  await evictDurableObject(stubOf(id));
  const wakes = countedWakes();
  for (let asked = 1; asked <= 3; asked += 1) {
    browser.send('ping');
    await vi.waitUntil(() => browser.frames.filter(({ t }) => t === 'pong').length === asked);
  }
  expect(wakes.count).toBe(0);
  const answered = await storageOf(id, (state) =>
    state.getWebSockets('browser').map((socket) => state.getWebSocketAutoResponseTimestamp(socket)),
  );
  expect(answered).toEqual([expect.any(Date)]);
  expect(wakes.count).toBe(1);
});
