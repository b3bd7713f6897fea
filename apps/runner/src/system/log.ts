import { redactedJson } from './redact.ts';
import type { Redactor } from './redact.ts';

/** One JSON line for each event. `event` is a stable name; the rest is what a person needs to understand it. */
export type Log = (event: string, fields?: Record<string, unknown>) => void;

export const makeLog =
  (redactor: Redactor, write: (line: string) => void, now: () => number): Log =>
  (event, fields = {}) =>
    write(redactedJson(redactor.redact, { at: new Date(now()).toISOString(), event, ...fields }));
