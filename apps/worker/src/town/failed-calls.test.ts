import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { LIMITS } from '@gastown/protocol';
import { expect, test } from 'vitest';
import { randomHex } from '../secrets/bytes.ts';
import { FailedCalls } from './failed-calls.ts';

const MINUTE = LIMITS.modelFailingMs.value;
const many = LIMITS.modelFailuresInARow.value;

async function withCalls(look: (calls: FailedCalls, kept: () => number) => void): Promise<void> {
  const object = env.TOWN.get(env.TOWN.idFromName(`failed-${randomHex(4)}`)) as unknown as DurableObjectStub;
  await runInDurableObject(object, (_object, { storage: { kv } }) =>
    look(new FailedCalls(kv), () => Array.from(kv.list({ prefix: 'failed:' })).length),
  );
}

test('a provider that fails many calls of a run in a row, for long enough, is not worth another try; a blip is, however often it is tried (RC-34)', () =>
  withCalls((calls) => {
    const at = (place: number): number => Math.floor((place * MINUTE) / (many - 1));
    const told = Array.from({ length: many }, (_, place) => calls.failed('slow', at(place)));
    expect(told).toEqual([...Array.from({ length: many - 1 }, () => false), true]);
    for (let place = 0; place < 25; place += 1) expect(calls.failed('quick', place * 800)).toBe(false);
    expect(calls.failed('few', 0) || calls.failed('few', MINUTE * 2)).toBe(false);
  }));

test('a clock that was an hour ahead does not keep a provider that fails from being found out', () =>
  withCalls((calls) => {
    const hour = 3_600_000;
    expect(calls.failed('one', hour)).toBe(false);
    for (let place = 1; place < many - 1; place += 1) expect(calls.failed('one', place)).toBe(false);
    expect(calls.failed('one', MINUTE + 1)).toBe(true);
  }));

test('a call that went through, or a long pause, begins anew, and nothing is kept of what is over', () =>
  withCalls((calls, kept) => {
    for (let place = 0; place < many; place += 1) calls.failed('one', place);
    calls.worked('one');
    expect(kept()).toBe(0);
    expect(calls.failed('one', MINUTE)).toBe(false);
    for (let place = 1; place < many; place += 1) calls.failed('one', MINUTE + place);
    expect(calls.failed('one', MINUTE + LIMITS.modelFailureGapMs.value + many)).toBe(false);
    calls.failed('another', 10 * LIMITS.modelFailureGapMs.value);
    expect(kept()).toBe(1);
  }));
