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
