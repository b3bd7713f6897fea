import { LIMITS } from '@gastown/protocol';
import type { Failure } from '@gastown/protocol';
import type { Log } from '../system/log.ts';
import { within } from '../system/within.ts';

/**
 * The end of a run: one sequence, once, whatever calls for it (a stop, a crash, a stall, a drain). It falls silent, what it made is kept, the town is told, its worktree is cleared; whoever asks again waits for
 * the same. Kept before it is told, unless that takes very long: whoever goes on begins with it. Cleared last, and only when nothing is being kept any more.
 *
 * No step that fails keeps the next from being done, and none rejects: the town hears of each end.
 */
export interface Ending {
  /** `lost`: what the town is told; null: it asked for this end, or hears of it otherwise. The first who asks decides. */
  end(lost: Failure | null): Promise<void>;
  /** Resolves when nothing of it goes on any more, or could not be stopped in time: what follows is the runner's alone. */
  readonly silent: Promise<unknown>;
  /** Resolves when what it made is kept, which may be after the town was told. */
  readonly kept: Promise<unknown>;
  /** The runner ends: the town is told within `TOLD_MS` from now, kept or not. */
  hurry(): void;
}

export interface EndingSteps {
  /** No turn, session or terminal of it goes on. */
  fallSilent(): Promise<void>;
  /** All it made is in the mirror when this resolves; `stored`: and where it outlives this disk. */
  keep(): Promise<{ readonly stored: Promise<unknown> }>;
  tell(lost: Failure | null): void;
  clear(): Promise<void>;
}

/** An agent is told to stop, which may take it five seconds. */
const SILENT_MS = 6_000;
/** How long the end of a run waits for what leaves this machine. That goes on if it takes longer. */
export const STORE_MS = 5_000;
/** Less than a drain waits for it (`drain.ts`). */
const TOLD_MS = 8_000;

/** The same when the runner goes on: nothing an agent made holds up that the town hears of its end. */
const LATE_MS = 2 * LIMITS.effectTimeoutMs.value;

export function makeEnding(steps: EndingSteps, log: Log): Ending {
  let over: Promise<void> | null = null;
  let hurry: () => void = () => undefined;
  const late = new Promise<void>((resolve) => (hurry = resolve));
  const silent = Promise.withResolvers<void>();
  const kept = Promise.withResolvers<void>();
  const attempt = async <T>(step: string, job: () => Promise<T> | T): Promise<T | null> => {
    try {
      return await job();
    } catch (cause) {
      log('run.end_failed', { step, reason: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) });
      return null;
    }
  };
  const sequence = async (lost: Failure | null): Promise<void> => {
    await attempt('silent', () => within(SILENT_MS, steps.fallSilent()));
    silent.resolve();
    const keeping = attempt('keep', steps.keep);
    const stored = keeping.then((kept) => attempt('store', () => within(LIMITS.conversationMs.value, Promise.resolve(kept?.stored))));
    await within(LATE_MS, Promise.race([stored, late]));
    await attempt('tell', () => steps.tell(lost));
    await keeping;
    kept.resolve();
    await attempt('clear', steps.clear);
  };
  return {
    end: (lost) => (over ??= sequence(lost)),
    silent: silent.promise,
    kept: kept.promise,
    hurry: () => void setTimeout(hurry, TOLD_MS).unref(),
  };
}
