/**
 * Tells when the clock of this machine was set back. The alarm of a town is a time of day, and one that was set by a clock that was ahead rings as much later: the towns are to look anew (decision 0011).
 * A clock that is set forward needs nobody; its alarms ring at once.
 */
export interface ClockWatch {
  stop(): void;
}

export interface ClockWish {
  /** Never rejects. */
  readonly onSetBack: () => void | Promise<void>;
  readonly lookMs?: number;
  /** Epoch ms. */
  readonly now?: () => number;
}

/** What time servers correct little by little. */
const SMALL_MS = 2_000;

export function watchClock({ onSetBack, lookMs = 5_000, now = Date.now }: ClockWish): ClockWatch {
  const ahead = (): number => now() - performance.now();
  let before = ahead();
  const timer = setInterval(() => {
    const since = ahead();
    const wasSetBack = since < before - SMALL_MS;
    before = since;
    if (wasSetBack) void onSetBack();
  }, lookMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
