import { HOME_RUNNER, LIMITS } from '@gastown/protocol';
import { expect, it } from 'vitest';
import { sleepsAt } from './sleep.ts';

const town = (idleSince: number | null) => ({ container: { state: 'running', since: 1, failure: null, idleSince } as const });

it('counts from when the container had nothing to do any more, and is never while it has (CT-7, CT-9)', () => {
  expect(sleepsAt(town(20), HOME_RUNNER)).toBe(20 + LIMITS.mayorIdleStopMs.value);
  expect(sleepsAt(town(null), HOME_RUNNER)).toBeNull();
  expect(sleepsAt(undefined, HOME_RUNNER)).toBeNull();
});

it('takes no terminal of a machine along', () => {
  expect(sleepsAt(town(20), 'rn-1')).toBeNull();
});

it('says nothing of a terminal whose runner is not known (I10)', () => {
  expect(sleepsAt(town(20), undefined)).toBeNull();
});
