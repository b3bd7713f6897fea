import { failure, LIMITS } from '@gastown/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Sql } from '../api.ts';
import { testTown } from '../testing.ts';
import { openTx, type Tx } from '../tx.ts';
import { dispatchHeld, endHold, forgetFailures, isProbing, readBreaker, setProvider, startFailed, startWorked } from './breaker.ts';

const why = failure('setup_failed', 'no space left');
const MINUTE = 60_000;
const IN_A_ROW = LIMITS.dispatchFailuresInARow.value;
const STORM = LIMITS.dispatchStorm.value;
const WINDOW = LIMITS.dispatchStormWindowMs.value;

let sql: Sql;
let now: number;
/** A transaction of its own for each step, so that what it says it changed is what this step changed. */
function step<T>(act: (tx: Tx) => T): { said: T; changed: boolean; town: boolean } {
  const tx = openTx(sql, { now, random: (bytes) => 'ab'.repeat(bytes) }, { kind: 'town' }, 'test');
  const said = act(tx);
  return { said, changed: tx.touched.changes > 0, town: tx.touched.town.size > 0 };
}
const fail = () => step((tx) => startFailed(tx, why));
const failTimes = (times: number): void => {
  for (let n = 0; n < times; n += 1) fail();
};
const held = () => dispatchHeld(readBreaker(sql));
const UNTOUCHED = { failures: 0, holds: 0, holdUntil: null, recent: [], failure: null, provider: null };

beforeEach(() => {
  const town = testTown();
  sql = town.sql;
  now = town.now;
});

describe('the breaker of starts (RC-20)', () => {
  test('opens at the fifth failed start in a row, for a minute, and says so to those who wait; what fails while it holds makes it no longer', () => {
    for (let n = 1; n < IN_A_ROW; n += 1) {
      expect(fail()).toEqual({ said: false, changed: true, town: false });
      expect(held()).toBeNull();
    }
    expect(fail()).toEqual({ said: true, changed: true, town: true });
    expect(held()).toEqual({ until: now + MINUTE, failure: why });
    const before = readBreaker(sql);
    now += 1_000;
    expect(fail()).toEqual({ said: false, changed: false, town: false });
    expect(readBreaker(sql)).toEqual(before);
  });

  test('a hold ends at its time and not before, and then one run probes; a probe that fails holds for twice as long', () => {
    expect(step(endHold)).toEqual({ said: false, changed: false, town: false });
    failTimes(IN_A_ROW);
    expect(isProbing(readBreaker(sql))).toBe(false);
    now += MINUTE - 1;
    expect(step(endHold).said).toBe(false);
    now += 1;
    expect(step(endHold)).toEqual({ said: true, changed: true, town: true });
    expect(isProbing(readBreaker(sql))).toBe(true);
    expect(held()).toEqual({ until: null, failure: why });
    expect(fail()).toEqual({ said: true, changed: true, town: true });
    expect(held()?.until).toBe(now + 2 * MINUTE);
  });

  test('twenty failed starts within half an hour are a storm, whatever started between; one that is half an hour old is no part of it', () => {
    const first = now;
    const almost = (): void => {
      for (let n = 0; n < STORM - 1; n += 1) {
        expect(fail().said).toBe(false);
        step(startWorked);
        now += 1;
      }
    };
    almost();
    now = first + WINDOW;
    expect(fail().said).toBe(false);
    expect(readBreaker(sql).recent).not.toContain(first);
    step(startWorked);
    now = first + WINDOW;
    expect(fail().said).toBe(true);
  });

  test('remembers no more failures than make a storm, though the probe fails within the window', () => {
    failTimes(1);
    for (let n = 1; n < STORM; n += 1) {
      step(startWorked);
      now += 1;
      fail();
    }
    now = held()!.until!;
    step(endHold);
    expect(fail().said).toBe(true);
    expect(readBreaker(sql).recent).toHaveLength(STORM);
    expect(readBreaker(sql).recent.at(-1)).toBe(now);
  });
});

test('a town whose breaker cannot be found says so (DM-15)', () => {
  sql.run('DELETE FROM breaker');
  expect(() => readBreaker(sql)).toThrow('the breaker row is missing');
});

test('what the provider said is on the row of the town (RC-34, I17)', () => {
  const provider = { strikes: 1, until: now + MINUTE, at: now, failure: why };
  expect(step((tx) => setProvider(tx, provider))).toEqual({ said: undefined, changed: true, town: true });
  expect(readBreaker(sql)).toEqual({ ...UNTOUCHED, provider });
});

describe('a start that works', () => {
  test('changes nothing when none failed', () => {
    expect(step(startWorked)).toEqual({ said: false, changed: false, town: false });
    expect(readBreaker(sql)).toEqual(UNTOUCHED);
  });

  test('ends a row of failures, which nobody was shown; the window remembers them', () => {
    failTimes(2);
    expect(step(startWorked)).toEqual({ said: false, changed: true, town: false });
    expect(readBreaker(sql)).toEqual({ ...UNTOUCHED, recent: [now, now] });
  });

  test('ends a hold, which everybody who waits was shown, and the window forgets', () => {
    failTimes(IN_A_ROW);
    expect(step(startWorked)).toEqual({ said: true, changed: true, town: true });
    expect(readBreaker(sql)).toEqual(UNTOUCHED);
  });

  test('as the probe it closes the breaker: no wait showed that any more, the town did', () => {
    failTimes(IN_A_ROW);
    now += MINUTE;
    step(endHold);
    expect(step(startWorked)).toEqual({ said: false, changed: true, town: true });
    expect(readBreaker(sql)).toEqual(UNTOUCHED);
  });
});

describe('an outage that is over, or a person who says so, forgets everything (RC-33, MY-17)', () => {
  test('and changes nothing when nothing failed', () => {
    expect(step(forgetFailures)).toEqual({ said: undefined, changed: false, town: false });
  });

  test.each<[string, () => void]>([
    ['a row of failures', () => failTimes(2)],
    ['failures of the window alone', () => (failTimes(2), step(startWorked))],
    ['failures that a version before the window wrote', () => sql.run('UPDATE breaker SET failures = 2')],
    ['a hold', () => failTimes(IN_A_ROW)],
    ['a hold that a version before the window wrote', () => sql.run('UPDATE breaker SET holds = 1, hold_until = 5')],
  ])('%s', (_name, before) => {
    before();
    expect(readBreaker(sql)).not.toEqual(UNTOUCHED);
    expect(step(forgetFailures)).toEqual({ said: undefined, changed: true, town: true });
    expect(readBreaker(sql)).toEqual(UNTOUCHED);
  });
});
