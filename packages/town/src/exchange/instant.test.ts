import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EARLIEST, LATEST } from '../calendar.ts';
import { before, instantOf, writtenTime } from './instant.ts';

test('a time is an instant, whatever its zone and however fine', () => {
  const noon = { ms: Date.UTC(2026, 0, 31, 12), fine: 0 };
  for (const written of [
    '2026-01-31T12:00:00Z',
    '2026-01-31 12:00:00',
    '2026-01-31T04:00:00-08:00',
    '2026-01-31T17:30:00+0530',
    '2026-01-31t12:00:00.000z',
  ])
    expect(instantOf(written), written).toEqual(noon);
  expect(instantOf('2026-01-31T12:00:00.123456789Z')).toEqual({ ms: noon.ms + 123, fine: 456_789 });
  expect(instantOf('0001-01-01T00:00:00Z')?.ms).toBeLessThan(0);
  expect(before(instantOf('2026-01-31T12:00:00.1234Z')!, instantOf('2026-01-31T12:00:00.12341Z')!)).toBe(true);
});

test('what is in no calendar is no time', () => {
  for (const written of [
    '',
    'now',
    '2026-01-31',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:00+99:00',
    '2026-01-01T00:00:00Zx',
    '9999-12-31T23:59:59-00:01',
    '0000-01-01T00:00:00+00:01',
  ])
    expect(instantOf(written), written).toBeNull();
});

test('what we write we read back', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(EARLIEST), max: new Date(LATEST), noInvalidDate: true }), (date) => {
      expect(instantOf(writtenTime(date.getTime()))).toEqual({ ms: date.getTime(), fine: 0 });
    }),
  );
});
