import type { Sql } from '@gastown/town';

/** Runs a part of a call that is a transaction of its own, so that what each costs can be told. */
export type Step = <T>(name: string, work: () => T) => T;
export const unmarked: Step = (_, work) => work();

/** One thing that is measured: ours, and beside it the same answer got naively from the same rows. Both give back how many rows they found. */
export interface Trial {
  readonly name: string;
  /** Brings the store to where this trial begins; once, after the trials before it. */
  before?(): void;
  ours(index: number, step?: Step): number;
  /** Looks whether the call did what it should, outside what is counted. @throws when it did not. */
  check?(): void;
  naive?(index: number): number;
  /** How many it must find. */
  readonly expects?: number;
  /** Upper bounds of one call, asserted; `found` is what it gave back. */
  readonly rowsRead?: (found: number) => number;
  readonly rowsWritten?: number;
  readonly statements?: number;
  /** Of each step of a call. */
  readonly statementsAStep?: number;
  /** The goal in ms of the median: reported, not asserted. */
  readonly goalMs?: number;
  /** What beads publishes for it, on another machine: a yardstick, not a comparison. */
  readonly upstreamMs?: number;
  /** Calls that are timed as one (a hundred closes, say). */
  readonly calls?: number;
}
/** Fills a store and says what to measure in it. Runs on Node's SQLite (times) and in a Durable Object (rows that the platform bills). */
export type Case = (store: Sql) => Trial[];

/** What one call of a trial cost in a Durable Object, as the platform counts it: rows that were looked at, not only those that came back. */
export interface Billed {
  readonly found: number;
  readonly statements: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** What each step of it cost, in order, where the trial marks them. */
  readonly steps: readonly StepBill[];
  /** Each bound of the trial that does not hold, in a sentence. */
  readonly broken: readonly string[];
}
export interface StepBill {
  readonly name: string;
  readonly statements: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
}

/** Of some calls the one that read most, with each bound that any of them broke: another may have written or asked too much. */
export const dearestOf = (calls: readonly Billed[]): Billed => ({
  ...calls.reduce((worst, one) => (one.rowsRead > worst.rowsRead ? one : worst)),
  broken: [...new Set(calls.flatMap((one) => one.broken))],
});
