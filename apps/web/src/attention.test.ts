import { expect, test } from 'vitest';
import { failure, type RowOf, type TableName } from '@gastown/protocol';
import { needsOf } from './attention.ts';

type Rows = Parameters<typeof needsOf>[0];
const replica = (tables: Partial<Record<TableName, unknown[]>>): Rows => ({
  rows: <T extends TableName>(table: T) => new Map((tables[table] ?? []).map((row, at) => [at, row as RowOf<T>])),
});
const town = {
  id: 'k3v9q0t2m4xa',
  model: { provider: 'custom', model: 'm', baseUrl: 'http://127.0.0.1:9', price: null },
  scripted: false,
  budgetMicros: null,
  usage: { costMicros: 0 },
  container: { state: 'running' },
  createdAt: 1,
};
const run = (endedAt: number, code: 'model_unreachable' | 'gate_failed' | null) => ({ endedAt, failure: code && failure(code) });

test('a model that does not answer needs a person while the newest run ended because of it (UI-18)', () => {
  const [need] = needsOf(replica({ town: [town], runs: [run(1, null), run(2, 'model_unreachable')] }));
  expect(need).toMatchObject({ id: 'model-trouble', opens: { settings: 'models' } });
  expect(need?.step).toBeTruthy();
});

test('once a run got through, or another reason came, the model is no need any more', () => {
  expect(needsOf(replica({ town: [town], runs: [run(1, 'model_unreachable'), run(2, null)] }))).toEqual([]);
  expect(needsOf(replica({ town: [town], runs: [run(1, 'model_unreachable'), run(2, 'gate_failed')] }))).toEqual([]);
});

test('input in quarantine needs a person: what it was, why, and a way to apply it again (RC-9)', () => {
  const input = { id: 'qu-1', source: 'report', kind: 'run.lost', error: 'It broke.', times: 3, at: 5, retriable: true };
  const [need] = needsOf(replica({ quarantine: [input] }));
  expect(need).toMatchObject({
    id: 'qu-1',
    title: 'The town broke over a report of the runner (run.lost)',
    detail: 'It broke. It came 3 times.',
    retries: { kind: 'quarantine.retry', id: 'qu-1' },
  });
  expect(needsOf(replica({ quarantine: [{ ...input, retriable: false }] }))[0]?.retries).toBeNull();
});
