import { expect, test } from 'vitest';
import { dearestOf, type Billed } from './trial.ts';

const call = (rowsRead: number, ...broken: string[]): Billed => ({ found: 1, statements: 1, rowsRead, rowsWritten: 0, steps: [], broken });

test('of several calls the one that read most is told, and what any of them broke, once each', () => {
  const calls = [
    call(3, 'a: 9 statements, more than 8'),
    call(7),
    call(5, 'a: 9 statements, more than 8', 'a: 6 rows written, more than 5'),
  ];
  expect(dearestOf(calls)).toMatchObject({ rowsRead: 7, broken: ['a: 9 statements, more than 8', 'a: 6 rows written, more than 5'] });
  expect(dearestOf([call(1)]).broken).toEqual([]);
});
