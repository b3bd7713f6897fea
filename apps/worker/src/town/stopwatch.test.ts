import { LIMITS } from '@gastown/protocol';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ask, HOST_KEY } from '../../test/client.ts';
import { watch } from '../../test/runner.ts';
import { addRig, alarmOf, putIn, town } from '../../test/town.ts';
import { startStopwatch } from './stopwatch.ts';

test('what passed is counted by a clock that goes, that is set forward and that is set back', () => {
  let now = 1_000_000;
  const passed = startStopwatch(() => now);
  expect(passed()).toBe(0);
  now += 30;
  expect(passed()).toBe(30);
  now -= 3_600_000;
  expect(passed()).toBe(30);
  now += 20;
  expect(passed()).toBe(50);
});

test('a clock that is set back by an hour keeps nothing from a page', async () => {
  const { id, cookie } = await town();
  const browser = await watch(id, cookie);
  const isShown = (name: string) => browser.frames.flatMap((frame) => putIn(frame, 'rigs')).some((rig) => rig.name === name);
  await addRig(cookie, id, 'before');
  await vi.waitUntil(() => isShown('before'));
  const now = Date.now;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
  onTestFinished(() => clock.mockRestore());
  await addRig(cookie, id, 'after');
  await vi.waitUntil(() => isShown('after'));
  expect(isShown('after')).toBe(true);
});

test('towns whose alarm was set by a clock that was ahead set it anew when they are told', async () => {
  const { id, cookie } = await town();
  const now = Date.now;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + 3_600_000);
  onTestFinished(() => clock.mockRestore());
  await addRig(cookie, id, 'ahead');
  expect((await alarmOf(id))! - now()).toBeGreaterThan(3_000_000);
  clock.mockRestore();
  expect((await ask('/host/wake', { method: 'POST', body: {}, headers: { 'x-host-key': HOST_KEY } })).status).toBe(200);
  expect((await alarmOf(id))! - now()).toBeLessThanOrEqual(LIMITS.startTimeoutMs.value);
});
