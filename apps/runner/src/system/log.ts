import { redactedJson } from './redact.ts';
import type { Redactor } from './redact.ts';

/** One JSON line for each event. `event` is a stable name; the rest is what a person needs to understand it. */
export type Log = (event: string, fields?: Record<string, unknown>) => void;

/** The same log, whose lines say this of themselves too: of which town they are, and of which rig and agent (CT-16). */
export const about =
  (log: Log, ids: Record<string, unknown>): Log =>
  (event, fields = {}) =>
    log(event, { ...ids, ...fields });

export const makeLog =
  (redactor: Redactor, write: (line: string) => void, now: () => number): Log =>
  (event, fields = {}) =>
    write(redactedJson(redactor.redact, { at: new Date(now()).toISOString(), event, ...fields }));
