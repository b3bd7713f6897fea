import { expect, test } from 'vitest';
import { tallyOfJson, tallyOfVitest } from './tally.ts';

test('a run is counted by its report', () => {
  expect(tallyOfVitest('{"numPassedTests":5,"numFailedTests":2}', 1)).toEqual({ passed: 5, failed: 2 });
});

test('a run that broke, or ran nothing, is a failure', () => {
  expect(tallyOfVitest(null, 0)).toEqual({ passed: 0, failed: 1 });
  expect(tallyOfVitest('{"numPassedTests":0,"numFailedTests":0}', 0)).toEqual({ passed: 0, failed: 1 });
  expect(tallyOfVitest('{"numPassedTests":5,"numFailedTests":0}', 1)).toEqual({ passed: 5, failed: 1 });
});

test('a suite that ends with a JSON line must say in it that it is ok', () => {
  expect(tallyOfJson('{"ok":true,"seeds":5}', 0)).toEqual({ passed: 1, failed: 0 });
  const bad = { passed: 0, failed: 1 };
  expect(tallyOfJson('{"ok":true}', 1)).toEqual(bad);
  expect(['{"ok":false}', '{"ok":"true"}', '{"seeds":5}', 'null', '[true]', '', 'ok'].map((line) => tallyOfJson(line, 0))).toEqual(
    Array.from({ length: 7 }, () => bad),
  );
});

test('a suite that ended well and says why it did nothing counts neither way; one that failed counts whatever it says', () => {
  const none = { passed: 0, failed: 0 };
  expect(tallyOfJson('{"ok":true,"skipped":"no history"}', 0)).toEqual(none);
  expect(tallyOfJson('{"ok":true,"skipped":3}', 0)).toEqual({ passed: 1, failed: 0 });
  expect(tallyOfJson('{"ok":true,"skipped":"no history"}', 1)).toEqual({ passed: 0, failed: 1 });
  expect(tallyOfJson('{"ok":false,"skipped":"no history"}', 0)).toEqual({ passed: 0, failed: 1 });
});
