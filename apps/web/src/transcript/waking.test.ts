import { expect, test } from 'vitest';
import { wakingWords } from './waking.ts';

const town = (
  state: 'stopped' | 'starting' | 'running' | 'stopping' | 'failed',
  runnerConnected: boolean,
  runnerDrainingAt: number | null = null,
) => ({
  container: {
    state,
    since: 1,
    failure: state === 'failed' ? ({ code: 'container_failed', message: 'No space.' } as const) : null,
    idleSince: null,
  },
  runnerConnected,
  runnerDrainingAt,
});

test('a message to a sleeping town says that it is waking, until its runner is there (MY-14)', () => {
  expect([town('stopped', false), town('starting', false), town('running', false)].map(wakingWords)).toEqual(
    Array.from({ length: 3 }, () => 'The town is waking (about 30 s)'),
  );
  expect(wakingWords(town('running', true))).toBeNull();
  expect(wakingWords(undefined)).toBeNull();
});

test('what keeps it from waking is said as it is', () => {
  expect(wakingWords(town('failed', false))).toContain('No space.');
  expect(wakingWords(town('stopping', true))).toContain('starts again');
  expect(wakingWords(town('running', true, 5))).toContain('next one');
});
