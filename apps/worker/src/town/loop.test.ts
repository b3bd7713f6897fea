import { LIMITS } from '@gastown/protocol';
import type { Envelope, Town } from '@gastown/town';
import { expect, test } from 'vitest';
import type { Ground } from './ground.ts';
import { Loop } from './loop.ts';

const WAKE: Envelope = { key: null, actor: { kind: 'town' }, command: { kind: 'wake' } };

/** A loop over a town that only has revisions, and a platform whose timers ring when the test says so. */
function loopOf() {
  const state = { rev: 0, now: 1_000_000 };
  const published: number[] = [];
  const timers: (() => void)[] = [];
  const town = { rev: () => state.rev, handle: () => ({ ok: true }), takeDueEffects: () => [], nextWake: () => null };
  const ground = { store: () => town, now: () => state.now, transaction: (work: () => unknown) => work() } as unknown as Ground; // what the loop uses of it
  const loop = new Loop(ground, {
    publish: (shown: Town) => void published.push(shown.rev()),
    perform: () => undefined,
    setAlarm: () => undefined,
    later: (work) => void timers.push(work),
  });
  const change = (passedMs: number): void => {
    state.now += passedMs;
    state.rev += 1;
    loop.handle(WAKE);
  };
  return { loop, state, published, timers, change };
}

test('the first change goes out at once, those of the next moments travel together', () => {
  const { published, timers, change } = loopOf();
  for (let changes = 0; changes < 3; changes += 1) change(1);
  expect(published).toEqual([1]);
  expect(timers).toHaveLength(1);
  timers[0]!();
  expect(published).toEqual([1, 3]);
});

test('a timer that does not ring, since the clock was set back, keeps nothing from pages (decision 0011)', () => {
  const { loop, state, published, timers, change } = loopOf();
  change(1);
  change(1);
  expect(timers).toHaveLength(1);
  state.now -= 3_600_000;
  change(0);
  change(LIMITS.publishCoalesceMs.value);
  expect(published, 'the next change brings them all').toEqual([1, 4]);
  change(1);
  expect(timers, 'and the one after it has a timer of its own').toHaveLength(2);
  state.now += LIMITS.publishCoalesceMs.value;
  loop.handle(WAKE);
  expect(published, 'where nothing changes any more, the town is told to look anew').toEqual([1, 4, 5]);
  loop.handle(WAKE);
  expect(published).toHaveLength(3);
});
