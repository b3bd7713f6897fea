import { expect, test } from 'vitest';
import { WaitCode } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { waitingOf } from './waiting.ts';

const around = { town: undefined, rig: undefined, bead: () => undefined };
const step = (code: WaitCode, change: object = {}) => waitingOf(aBead({ wait: { code, ref: null, until: null }, ...change }), around)?.step;

test('every reason why a bead does not move has a sentence (I10)', () => {
  for (const code of WaitCode.options)
    expect(waitingOf(aBead({ wait: { code, ref: 'gt-2', until: 5 } }), around)?.sentence, code).toMatch(/\.$/);
});

test('what a person holds back can be let go where it says so', () => {
  expect(step('staged')).toEqual({ label: 'Start', does: { start: 'gt-1' } });
  expect(step('deferred')).toEqual({ label: 'Start now', does: { start: 'gt-1' } });
  expect(step('held', { hold: 'pinned' })?.label).toBe('Unpin');
  expect(step('held', { hold: 'not_work' })).toBeNull();
});

test('a wait between attempts can be cut short', () => expect(step('retry_later')).toEqual({ label: 'Try now', does: { retry: 'gt-1' } }));

test('something outside the town is settled by removing the edge that waits for it', () => {
  const dependsOn = [
    { id: 'external:crm-7', type: 'related' },
    { id: 'external:crm-7', type: 'conditional-blocks' },
  ];
  expect(
    step('blocked_by_external', { dependsOn, wait: { code: 'blocked_by_external', ref: 'external:crm-7', until: null } })?.does,
  ).toEqual({
    settle: { beadId: 'gt-1', dependsOn: 'external:crm-7', type: 'conditional-blocks' },
  });
});

test('a closed bead waits for nothing', () => {
  expect(waitingOf(aBead({ status: 'closed', wait: { code: 'in_queue', ref: null, until: null } }), around)).toBeNull();
});
