/**
 * Tells the Worker that a town's container is gone: until it is accepted, or until a new start of that town makes it meaningless.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Exit } from './town-process.ts';

export interface ExitReports {
  report(town: string, exit: Exit): void;
  /** A new start supersedes a report that was not accepted yet. Resolves when none is on its way. */
  withdraw(town: string): Promise<void>;
  close(): Promise<void>;
}

export type Send = (town: string, exit: Exit, signal: AbortSignal) => Promise<boolean>;

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

export function exitReports(send: Send): ExitReports {
  const open = new Map<string, { abort: AbortController; done: Promise<void> }>();
  const withdraw = async (town: string): Promise<void> => {
    const report = open.get(town);
    report?.abort.abort();
    await report?.done;
  };
  return {
    report: (town, exit) => {
      const abort = new AbortController();
      const done = untilAccepted(() => send(town, exit, abort.signal), abort.signal).finally(() => open.delete(town));
      open.set(town, { abort, done });
    },
    withdraw,
    close: async () => {
      await Promise.all([...open.keys()].map(withdraw));
    },
  };
}

/** Full jitter. Ends without a word when withdrawn. An answer that broke off is none: it is sent again. */
async function untilAccepted(send: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  for (let wait = FIRST_WAIT_MS; !signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    if (await send().catch(() => false)) return;
    await delay(Math.random() * wait, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
}
