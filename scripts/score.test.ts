import { expect, test } from 'vitest';
import { isEnough, scoreOf } from './score.ts';

const reportOf = (...statuses: string[]): string =>
  JSON.stringify({ files: { 'a.ts': { mutants: statuses.slice(0, 1).map(of) }, 'b.ts': { mutants: statuses.slice(1).map(of) } } });
const of = (status: string): object => ({ status });
const times = (count: number, status: string): string[] => Array.from({ length: count }, () => status);

test('what a test finds, or what hangs by it, is found, and how many hung is said; what no test reaches counts against the score', () => {
  const report = reportOf('Killed', 'Timeout', 'Killed', 'Survived', 'NoCoverage', 'Ignored', 'CompileError');
  expect(scoreOf('spend', report)).toEqual({ slice: 'spend', score: 60, found: 3, timedOut: 1, survived: 1, untested: 1 });
  expect(scoreOf('spend', reportOf('Ignored'))).toBeNull();
});

test('nine of ten are enough, and in a change of few lines one alone may survive', () => {
  const score = (found: number, survived: number, untested = 0) =>
    scoreOf('runs', reportOf(...times(found, 'Killed'), ...times(survived, 'Survived'), ...times(untested, 'NoCoverage')))!;
  expect(isEnough(score(90, 10), false)).toBe(true);
  // 89.96 is 90 only when it is shown.
  expect(isEnough(score(2_249, 251), false)).toBe(false);
  expect(isEnough(score(4, 1), false)).toBe(false);
  expect(isEnough(score(4, 1), true)).toBe(true);
  expect(isEnough(score(3, 2), true)).toBe(false);
  expect(isEnough(score(4, 0, 1), true)).toBe(false);
});
