import { failure, type AgentRow, type RunRow, type TranscriptItem } from '@gastown/protocol';
import { expect, test } from 'vitest';
import { cutShort } from './ended.ts';

const mayor = (runId: string | null) => ({ id: 'ag-1', name: 'Mayor', role: 'mayor', runId }) as AgentRow;
const spent = failure('budget_spent', 'The spend limit of the town is reached: $1.02 of $1.00.');
const run = (id: string, startedAt: number, why: typeof spent | null, agentId = 'ag-1') =>
  ({ id, agentId, startedAt, failure: why }) as unknown as RunRow;
const notice = (runId: string, code: string) => ({ id: 'n', runId, at: 1, kind: 'notice', code, text: '' }) as unknown as TranscriptItem;

test('a session that a reached limit ended says so at its end (I9, I10)', () => {
  const runs = [run('run-2', 2, spent), run('run-1', 1, null), run('run-3', 3, null, 'ag-2')];
  expect(cutShort(mayor(null), runs, [])).toEqual({ why: spent.message, next: expect.stringContaining('Settings › Spend') });
});

test('nothing is said of a session that goes on, ended well, or was followed by another', () => {
  expect(cutShort(mayor('run-2'), [run('run-2', 2, spent)], [])).toBeNull();
  expect(cutShort(mayor(null), [run('run-2', 2, spent), run('run-3', 3, null)], [])).toBeNull();
  expect(cutShort(mayor(null), [], [])).toBeNull();
});

test('what the transcript of that session tells itself is not told twice', () => {
  const runs = [run('run-2', 2, spent)];
  expect(cutShort(mayor(null), runs, [notice('run-2', 'budget_spent')])).toMatchObject({
    why: null,
    next: expect.stringContaining('Spend'),
  });
  expect(cutShort(mayor(null), runs, [notice('run-1', 'budget_spent')])?.why).toBe(spent.message);
});
