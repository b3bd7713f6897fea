import { expect, test } from 'vitest';
import { EffectId, failure, FromRunner, Generation, LIMITS, RunId, Sha } from '@gastown/protocol';
import type { Outcome, Report } from '@gastown/protocol';
import { fitting, unreadable } from './fitting.ts';

const outcome = (told: Outcome): Report => ({ kind: 'outcome', effectId: EffectId.parse('ef-000000000001'), outcome: told });
const bytes = (report: Report | null): number => Buffer.byteLength(JSON.stringify(report));
const FRAME = LIMITS.frameBytes.value * 4;
const runId = RunId.parse('run-000000000001');
const generation = Generation.parse(1);
const sha = Sha.parse('a'.repeat(40));

test('a report that fits is sent as it is', () => {
  const report = outcome({ state: 'failed', failure: failure('merge_conflict', 'x', { files: ['a'] }), retry: false });
  expect(fitting(report)).toBe(report);
});

test('a failure with details that fill a frame is told without them, a loss too', () => {
  const huge = failure('merge_conflict', 'm'.repeat(FRAME), { files: Array.from({ length: 300_000 }, (_, at) => `src/folder/file-${at}`) });
  const told = fitting(outcome({ state: 'failed', failure: huge, retry: false }));
  expect(told).toMatchObject({ outcome: { state: 'failed', retry: false, failure: { code: 'merge_conflict' } } });
  expect(bytes(told)).toBeLessThan(10_000);
  const lost = fitting({ kind: 'run.lost', runId: RunId.parse('run-000000000001'), generation: Generation.parse(1), failure: huge });
  expect(lost).toMatchObject({ kind: 'run.lost', failure: { code: 'merge_conflict' } });
  expect(bytes(lost)).toBeLessThan(10_000);
});

test('of many gates with long outputs each keeps its end, and the verdict stays (QG-4)', () => {
  const gate = {
    command: 'c'.repeat(200_000),
    exitCode: 0,
    timedOut: false,
    durationMs: 1,
    output: `${'\u001b'.repeat(60_000)}THE END`,
    truncated: false,
  };
  const value = {
    kind: 'tested' as const,
    passed: true,
    baseCommit: sha,
    mergeCommit: sha,
    gates: Array.from({ length: 100 }, () => gate),
    failure: null,
  };
  const told = fitting(outcome({ state: 'succeeded', value }));
  expect(bytes(told)).toBeLessThan(FRAME);
  const kept = { exitCode: 0, output: expect.stringMatching(/THE END$/), truncated: true };
  expect(told).toMatchObject({ outcome: { value: { passed: true, mergeCommit: sha, gates: value.gates.map(() => kept) } } });
});

test('a refused hand-in that is too long keeps its code and its cause (I10)', () => {
  const refused = { code: 'not_pushed', message: '\u001b'.repeat(4_000_000), details: { cause: 'push_refused' } } as const;
  const told = fitting({ kind: 'hand_in.refused', runId, generation, failure: refused });
  expect(bytes(told)).toBeLessThan(FRAME);
  expect(told).toMatchObject({ kind: 'hand_in.refused', failure: { code: 'not_pushed', details: { cause: 'push_refused' } } });
});

test('what an agent names at any length, its model or why its turn ended, closes no link: it is told short, or as a failure that says so (H10)', () => {
  const endless = 's'.repeat(FRAME + 1);
  const ended = fitting({ kind: 'turn.ended', runId, generation, stopReason: endless, failure: null });
  expect(ended).toMatchObject({ kind: 'turn.ended', failure: null });
  expect(bytes(ended)).toBeLessThan(10_000);
  const opened = fitting(outcome({ state: 'succeeded', value: { kind: 'session', sessionId: 's', resumed: false, model: endless } }));
  expect(opened).toMatchObject({ outcome: { state: 'failed', retry: false, failure: { code: 'too_large' } } });
  expect(bytes(opened)).toBeLessThan(10_000);
});

test('arguments of a call that grow on their way are refused to their agent, and close no link', () => {
  // Five characters of what an agent sends, twenty-two of what the town gets.
  const args = { data: { numbers: Array.from({ length: 200_000 }, () => 1e20) } };
  const call = { t: 'call', callId: 'c1', runId, generation, tool: 'checkpoint', args, evidence: null } as const;
  expect(JSON.stringify(call).length).toBeGreaterThan(FRAME);
  expect(unreadable(call)).toMatchObject({ code: 'too_large', message: expect.stringContaining('3145728') });
});

test('what the town cannot read is told as a failure that says so, once, and the link stays open', () => {
  const opened = outcome({ state: 'succeeded', value: { kind: 'session', sessionId: 's'.repeat(300), resumed: false, model: null } });
  const told = fitting(opened);
  expect(told).toMatchObject({
    outcome: { state: 'failed', retry: false, failure: { code: 'internal', message: expect.stringContaining('sessionId') } },
  });
  expect(FromRunner.safeParse({ t: 'report', seq: 1, report: told }).success).toBe(true);
  const line: Report = { kind: 'status', runId, generation, statusLine: 'x'.repeat(500) };
  expect(fitting(line)).toMatchObject({ kind: 'run.lost', runId, generation, failure: { code: 'internal' } });
  expect(fitting({ kind: 'draining', graceMs: -1 })).toBeNull();
  const commits = [{ sha, subject: 'far', author: 'Ada', at: 1e19 }];
  const call = { t: 'call', callId: 'c1', runId, generation, tool: 'done', args: {} } as const;
  expect(unreadable({ ...call, evidence: { branch: 'gt/x', headCommit: sha, ahead: 1, commits } })).toMatchObject({
    code: 'internal',
    message: expect.stringContaining('evidence.commits.0.at'),
  });
  expect(unreadable({ ...call, evidence: null })).toBeNull();
});
