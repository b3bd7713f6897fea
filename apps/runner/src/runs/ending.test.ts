import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { failure, LIMITS } from '@gastown/protocol';
import { makeEnding } from './ending.ts';
import type { EndingSteps } from './ending.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const CRASHED = failure('agent_crashed');
const never = <T>(): Promise<T> => new Promise(() => undefined);

function setUp(changes: Partial<EndingSteps> = {}) {
  const done: string[] = [];
  const logged: unknown[] = [];
  const step = (name: string) => (): Promise<void> => {
    done.push(name);
    return Promise.resolve();
  };
  const steps: EndingSteps = {
    fallSilent: step('silent'),
    keep: () => step('keep')().then(() => ({ stored: step('store')() })),
    tell: (lost) => void done.push(`tell ${lost?.code ?? 'nothing'}`),
    clear: step('clear'),
    ...changes,
  };
  return { ...makeEnding(steps, (event, fields) => void logged.push({ event, ...fields })), done, logged };
}

test('a run falls silent, its work is kept, the town is told, its worktree is cleared; once, whoever asks', async () => {
  const { end, done } = setUp();
  await Promise.all([end(CRASHED), end(null), end(failure('runner_drained'))]);
  await end(null);
  expect(done).toEqual(['silent', 'keep', 'store', 'tell agent_crashed', 'clear']);
});

test('no step that fails keeps the next from being done, and none rejects', async () => {
  const broken = (): never => {
    throw new Error('broken');
  };
  const { end, done, logged } = setUp({ fallSilent: broken, keep: () => Promise.reject(new Error('full')), clear: broken });
  await end(CRASHED);
  expect(done).toEqual(['tell agent_crashed']);
  expect(logged).toMatchObject([
    { event: 'run.end_failed', step: 'silent' },
    { event: 'run.end_failed', step: 'keep' },
    { event: 'run.end_failed', step: 'clear' },
  ]);
});

test('an agent that does not fall silent, and a repository that does not answer, hold nobody up', async () => {
  const { end, done } = setUp({ fallSilent: never, keep: () => Promise.resolve({ stored: never() }) });
  const ended = end(null);
  await vi.advanceTimersByTimeAsync(6_000 + LIMITS.conversationMs.value);
  await ended;
  expect(done).toEqual(['tell nothing', 'clear']);
});

test('where the runner ends, the town is told in time, kept or not; and nothing is cleared while it is being kept', async () => {
  let kept: () => void = () => undefined;
  const { end, hurry, done } = setUp({
    keep: () => new Promise((resolve) => (kept = () => resolve({ stored: Promise.resolve() }))),
  });
  const ended = end(failure('runner_drained'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(done).toEqual(['silent']);
  hurry();
  await vi.advanceTimersByTimeAsync(8_000);
  expect(done).toEqual(['silent', 'tell runner_drained']);
  kept();
  await ended;
  expect(done).toEqual(['silent', 'tell runner_drained', 'clear']);
});

test('where keeping takes very long the town is told all the same, and nothing is cleared before', async () => {
  let kept: () => void = () => undefined;
  const { end, done } = setUp({
    keep: () => new Promise((resolve) => (kept = () => resolve({ stored: Promise.resolve() }))),
  });
  const ended = end(CRASHED);
  await vi.advanceTimersByTimeAsync(2 * LIMITS.effectTimeoutMs.value);
  expect(done).toEqual(['silent', 'tell agent_crashed']);
  kept();
  await ended;
  expect(done).toEqual(['silent', 'tell agent_crashed', 'clear']);
});
