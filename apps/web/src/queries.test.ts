import { failure } from '@gastown/protocol';
import { expect, test } from 'vitest';
import { Refused } from './api.ts';
import { stopping } from './queries.ts';

const refused = (status: number) =>
  new Refused({ ok: false, failure: failure('overloaded', 'Too much to do.'), next: 'Again.', status, unanswered: status >= 500 });
const well = { error: null, data: [], failureCount: 0, failureReason: null };
const asking = (failureCount: number) => ({ error: null, data: undefined, failureCount, failureReason: refused(503) });

test('a page that was never shown says that nobody answers from the third try on, while it goes on trying (UI-20)', () => {
  expect(stopping(well, asking(2))).toBeNull();
  expect(stopping(well, asking(3))).toMatchObject({ answer: { status: 503 } });
});

test('a page that was shown stays while nobody answers, and goes when the answer is no (UI-20)', () => {
  expect(stopping({ ...well, failureCount: 9, failureReason: refused(503) })).toBeNull();
  expect(stopping(well, { ...well, error: refused(503) })).toBeNull();
  expect(stopping(well, { ...well, error: refused(401) })).toMatchObject({ answer: { status: 401 } });
});
