import { expect, test } from 'vitest';
import { failure, WaitCode, type RigRow } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { startCommand, startedWords, startWord, waitingOf } from './waiting.ts';

const around = { town: undefined, rig: undefined, bead: () => undefined };
const step = (code: WaitCode, change: object = {}) => waitingOf(aBead({ wait: { code, ref: null, until: null }, ...change }), around)?.step;

test('every reason why a bead does not move has a sentence (I10)', () => {
  for (const code of WaitCode.options)
    expect(waitingOf(aBead({ wait: { code, ref: 'gt-2', until: 5 } }), around)?.sentence, code).toMatch(/\.$/);
});

test('who waits for a runner is shown the way to it (design/runner.md §5)', () => {
  const of = (code: WaitCode) => step(code, { wait: { code, ref: 'rn-000000000001', until: null } })?.does;
  const drawer = { drawer: { kind: 'runner', id: 'rn-000000000001' } };
  expect([of('runner_away'), of('runner_places'), of('runner_paused')]).toEqual([drawer, drawer, { resumeRunner: 'rn-000000000001' }]);
  expect(step('no_runner')).toEqual({ label: 'Runners', does: { settings: 'runners' } });
});

test('what a person holds back can be let go where it says so', () => {
  expect(step('staged')).toEqual({ label: 'Start', does: { start: 'gt-1' } });
  expect(step('deferred')).toEqual({ label: 'Start now', does: { start: 'gt-1' } });
  expect(step('held', { hold: 'pinned' })?.label).toBe('Unpin');
  expect(startCommand(aBead({ hold: 'pinned' }))).toEqual({ kind: 'bead.unpin', beadId: 'gt-1' });
  expect(startedWords({ hold: 'pinned', deferUntil: null })).toBe('Unpinned: it is planned until you start it');
  expect(startCommand(aBead({ hold: 'staged' }))).toEqual({ kind: 'bead.start', beadId: 'gt-1' });
  expect(step('held', { hold: 'not_work' })).toBeNull();
});

test('a start says whether the date stays or ends (I10; issue, Build 6)', () => {
  const deferUntil = Date.UTC(2027, 5, 1);
  expect(step('staged', { hold: 'staged', deferUntil })?.label).toBe('Start');
  for (const hold of ['staged', 'foreign'] as const) {
    expect(startWord({ hold, deferUntil })).toBe('Start');
    expect(startedWords({ hold, deferUntil })).toBe('Started; it stays put off until its date');
    expect(startedWords({ hold, deferUntil: null })).toBe('Nothing holds the bead any more');
  }
  for (const hold of [null, 'deferred'] as const) {
    expect(startWord({ hold, deferUntil })).toBe('Start now');
    expect(startedWords({ hold, deferUntil })).toBe('Nothing holds the bead any more');
  }
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

test('a repository that is away says when the town looks again by itself (I10)', () => {
  const bead = aBead({ wait: { code: 'rig_unreachable', ref: 'rig-1a2b3c4d', until: null } });
  const said = (looksAgainAt: number | null) =>
    waitingOf(bead, {
      ...around,
      rig: { name: 'shop', failure: failure('repository_not_found', 'It is not there.'), looksAgainAt } as RigRow,
    })?.sentence;
  expect(said(Date.UTC(2026, 5, 1, 12, 30, 5))).toBe(
    'The repository cannot be used: It is not there. The town looks again at 12:30:05 UTC.',
  );
  expect(said(null)).toBe('The repository cannot be used: It is not there.');
});
