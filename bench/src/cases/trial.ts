import type { Sql } from '@gastown/town';

/** One thing that is measured: ours, and beside it the same answer got naively from the same rows. Both give back how many rows they found. */
export interface Trial {
  readonly name: string;
  ours(index: number): number;
  naive?(index: number): number;
  /** How many it must find. */
  readonly expects?: number;
  /** Upper bounds of one call, asserted; `found` is what it gave back. */
  readonly rowsRead?: (found: number) => number;
  readonly rowsWritten?: number;
  readonly statements?: number;
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
  /** Each bound of the trial that does not hold, in a sentence. */
  readonly broken: readonly string[];
}
