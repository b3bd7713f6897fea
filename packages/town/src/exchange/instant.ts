import { EARLIEST, isWritable, LATEST } from '../calendar.ts';

/** A point in time as other tools write it, to the nanosecond: `created_at` keeps the millisecond, `fine` what is below it. */
export interface Instant {
  readonly ms: number;
  /** Nanoseconds within the millisecond. */
  readonly fine: number;
}

const WRITTEN = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?\s*([Zz]|[+-]\d\d:?\d\d)?$/;
/** RFC 3339, with a space for the T and without a zone (then UTC) as databases write it. Null: no time of any calendar. */
export function instantOf(written: string): Instant | null {
  const found = WRITTEN.exec(written);
  if (!found) return null;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = found;
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [number, number, number, number, number, number];
  const offset = offsetOf(zone);
  if (mo < 1 || mo > 12 || d < 1 || d > daysIn(y, mo) || h > 23 || mi > 59 || s > 60 || offset === null) return null;
  const date = new Date(0);
  date.setUTCFullYear(y, mo - 1, d);
  const nanos = Number(fraction.slice(0, 9).padEnd(9, '0'));
  const ms = date.getTime() + h * 3_600_000 + (mi - offset) * 60_000 + s * 1_000 + Math.floor(nanos / 1_000_000);
  return isWritable(ms) ? { ms, fine: nanos % 1_000_000 } : null;
}
function offsetOf(zone: string): number | null {
  if (zone === 'Z' || zone === 'z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  return hours > 23 || minutes > 59 ? null : (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}
const daysIn = (year: number, month: number): number => {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 0);
  return date.getUTCDate();
};

export const before = (a: Instant, b: Instant): boolean => a.ms < b.ms || (a.ms === b.ms && a.fine < b.fine);
/** As we write it. */
export const writtenTime = (ms: number): string => new Date(Math.min(Math.max(ms, EARLIEST), LATEST)).toISOString();
