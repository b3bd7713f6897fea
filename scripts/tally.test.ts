import { expect, test } from 'vitest';
import { tallyOfVitest } from './tally.ts';

test('a run is counted by its report', () => {
  expect(tallyOfVitest('{"numPassedTests":5,"numFailedTests":2}', 1)).toEqual({ passed: 5, failed: 2 });
});

test('a run that broke, or ran nothing, is a failure', () => {
  expect(tallyOfVitest(null, 0)).toEqual({ passed: 0, failed: 1 });
  expect(tallyOfVitest('{"numPassedTests":0,"numFailedTests":0}', 0)).toEqual({ passed: 0, failed: 1 });
  expect(tallyOfVitest('{"numPassedTests":5,"numFailedTests":0}', 1)).toEqual({ passed: 5, failed: 1 });
});
