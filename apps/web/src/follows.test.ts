import { failure, type BeadRow, type RunRow } from '@gastown/protocol';
import { expect, test } from 'vitest';
import { followsRun } from './follows.ts';

const run = { id: 'run-1', beadId: 'gt-1' } as unknown as RunRow;
const bead = (status: BeadRow['status'], landedCommit: string | null = null) => ({ status, landedCommit }) as BeadRow;
const lost = failure('ended_without_done');
const other = 'run-2' as RunRow['id'];

test('what follows from a run that failed is what really comes next, as its bead stands (FR-4, I10)', () => {
  expect(followsRun(run, lost, bead('open'), run.id)).toBe('You need do nothing: the bead goes to another run.');
  expect(followsRun(run, lost, bead('failed'), run.id)).toMatch(/given up.*Retry/);
  expect(followsRun(run, lost, bead('in_progress'), other)).toBe('You need do nothing: another run has the bead.');
  expect(followsRun(run, lost, bead('in_review'), other)).toMatch(/handed in/);
  expect(followsRun(run, lost, bead('closed', 'a'.repeat(40)), other)).toMatch(/landed/);
  expect(followsRun(run, failure('model_rate_limited'), bead('failed'), run.id)).toMatch(/given up/);
});

test('a session has no bead that could go to another run', () => {
  expect(followsRun({ ...run, beadId: null }, lost, undefined, null)).toBe('You need do nothing: the next message begins a new session.');
});

test('where a person can do something, that is what is said', () => {
  expect(followsRun(run, failure('no_model'), bead('open'), run.id)).toMatch(/Settings › Models/);
  expect(followsRun(run, failure('repository_locked'), bead('open'), run.id)).toMatch(/remove the file/);
  expect(followsRun(run, { ...lost, next: 'Give the rig a token.' }, bead('open'), run.id)).toBe('Give the rig a token.');
});

test('what its agent was told to do is no step of a person', () => {
  expect(followsRun(run, failure('run_over'), bead('in_progress'), other)).toBe('You need do nothing: another run has the bead.');
});
