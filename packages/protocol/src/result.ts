import type { Failure } from './failures.ts';

/** The outcome of anything that may be refused: a value, or a failure from the closed catalogue. Exceptions mean bugs. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const refuse = (failure: Failure): Result<never> => ({ ok: false, failure });
