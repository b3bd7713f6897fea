import { expect, test } from 'vitest';
import { failure, type BeadRow, type FailureCode, type MergeRow } from '@gastown/protocol';
import { waitsForPerson } from '@gastown/protocol/needs';
import { followsFrom, isRetriable, replacedBy } from './merging.ts';

const merge = (code: FailureCode = 'gate_failed', over: object = {}) =>
  ({ id: 'mr-1', beadId: 'gt-1', phase: 'failed', failure: failure(code), ...over }) as MergeRow;
const bead = (status: BeadRow['status'], over: object = {}) =>
  ({ status, mergeId: 'mr-1', wait: null, archivedAt: null, ...over }) as BeadRow;

test('only the last merge of a bead that waits is offered a retry: what the town would refuse is not (MQ-22)', () => {
  expect(isRetriable(merge(), bead('failed'), false)).toBe(true);
  expect(isRetriable(merge(), bead('in_review'), false)).toBe(true);
  expect(isRetriable(merge(), bead('in_review', { mergeId: 'mr-2' }), false)).toBe(false);
  expect(isRetriable(merge(), bead('closed'), false)).toBe(false);
  expect(isRetriable(merge(), bead('in_progress'), true)).toBe(false);
  expect(isRetriable(merge('gate_failed', { phase: 'testing' }), bead('in_review'), false)).toBe(false);
  expect(replacedBy(merge(), bead('open', { mergeId: 'mr-2' }))).toBe('mr-2');
  expect(replacedBy(merge(), bead('open'))).toBeNull();
});

test('a failed merge needs a person when its bead failed, or waits in review for one', () => {
  const waiting = { wait: { code: 'needs_person', ref: 'mr-1', until: null } };
  expect(waitsForPerson(merge('push_refused'), bead('in_review', waiting))).toBe(true);
  expect(waitsForPerson(merge(), bead('failed'))).toBe(true);
  expect(waitsForPerson(merge(), bead('in_review', { wait: { code: 'agent_working', ref: null, until: null } }))).toBe(false);
  expect(waitsForPerson(merge(), bead('open'))).toBe(false);
  expect(waitsForPerson(merge(), bead('failed', { mergeId: 'mr-2' }))).toBe(false);
});

test('the next run is promised only where there is one', () => {
  expect(followsFrom(merge(), bead('open'))).toBeNull();
  expect(followsFrom(merge('push_refused'), bead('in_review'))).toBeNull();
  expect(followsFrom(merge(), bead('failed'))).toMatch(/^Its bead failed with it/);
  expect(followsFrom(merge('push_refused'), bead('closed'))).toMatch(/nothing follows/);
});
