import { expect, onTestFinished, test, vi } from 'vitest';
import { watchClock } from './clock-watch.ts';

test('that the clock was set back is told once each time; set forward, or by little, it is not', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let off = 0;
  const onSetBack = vi.fn<() => void>();
  const watch = watchClock({ onSetBack, lookMs: 100, now: () => Date.now() + off });
  const looks = (): number => (vi.advanceTimersByTime(1_000), onSetBack.mock.calls.length);
  expect(looks()).toBe(0);
  off = 7_200_000;
  expect(looks()).toBe(0);
  off = 7_199_000;
  expect(looks()).toBe(0);
  off = 0;
  expect(looks()).toBe(1);
  off = -3_600_000;
  expect(looks()).toBe(2);
  watch.stop();
  off = -7_200_000;
  expect(looks()).toBe(2);
});
