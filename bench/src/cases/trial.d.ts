import type { Sql } from '@gastown/town';
/** One thing that is measured: ours, and beside it the same answer got naively from the same rows. Both give back how many rows they found. */
export interface Trial {
  readonly name: string;
  ours(index: number): number;
  naive?(index: number): number;
  /** Upper bounds of one call, asserted; `found` is what it gave back. */
  readonly rowsRead?: (found: number) => number;
  readonly rowsWritten?: number;
  readonly statements?: number;
  /** The goal in ms of the median: reported, not asserted. */
  readonly goalMs?: number;
  /** Calls that are timed as one (a hundred closes, say). */
  readonly calls?: number;
}
/** Fills a store and says what to measure in it. Runs on Node's SQLite (times) and in a Durable Object (rows that the platform bills). */
export type Case = (store: Sql) => Trial[];
