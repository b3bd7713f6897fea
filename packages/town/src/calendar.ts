import { failure, type Failure } from '@gastown/protocol';

/** The times that a date of four figures for the year can say: what is beyond could be written into an export and not be read again. */
export const EARLIEST = -62_167_219_200_000;
export const LATEST = 253_402_300_799_999;

export const isWritable = (ms: number): boolean => ms >= EARLIEST && ms <= LATEST;

/** Why a person may not put something off until then. */
export const tooLate = (field: string, until: number | null | undefined): Failure | null =>
  until === null || until === undefined || until <= LATEST
    ? null
    : failure('invalid_input', `${field}: this time is after the year 9999; say an earlier one, or null for no date.`, { field });
