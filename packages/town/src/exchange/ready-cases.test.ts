import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answerTo, ON_PURPOSE, type ReadyCase } from '../testing/ready-cases.ts';

/**
 * What is ready and what is blocked, case by case: `ready-cases.json` is the copied table of cases that the public data comes with, stated there from the tests of
 * `bd` (its `source`). Beads come in by the import and change by the town's commands.
 */
describe('ready and blocked as beads has them (design/core.md §1, DM-10, DM-11)', () => {
  const table = JSON.parse(readFileSync(join(import.meta.dirname, 'ready-cases.json'), 'utf8')) as { cases: ReadyCase[] };
  const { cases } = table;
  test('the table is whole', () => {
    expect(cases).toHaveLength(52);
    expect(Object.keys(ON_PURPOSE).filter((id) => !cases.some((one) => one.id === id))).toEqual([]);
  });
  test.each(cases.filter(({ id }) => !(id in ON_PURPOSE)).map((one) => [one.id, one] as const))('%s', (_id, one) => {
    expect(answerTo(one)).toEqual([]);
  });
  test.each(cases.filter(({ id }) => id in ON_PURPOSE).map((one) => [one.id, one] as const))('%s: otherwise on purpose', (_id, one) => {
    expect(answerTo(one)).not.toEqual([]);
  });
});
