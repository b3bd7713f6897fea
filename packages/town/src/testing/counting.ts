import type { Sql } from '../api.ts';

/** What a piece of work cost its store. `rowsRead` are rows that statements gave back; `rowsWritten` what the store says of its writes. */
export interface SqlCounts {
  statements: number;
  rowsRead: number;
  rowsWritten: number;
}
export interface CountingSql extends Sql {
  readonly counts: SqlCounts;
  /** Every statement text that ran, for a look at its query plan. */
  readonly texts: Set<string>;
  /** The counts of `work` alone. */
  measure(work: () => void): SqlCounts;
}

/** Counts work instead of time, so that a benchmark can assert it. */
export function countingSql(inner: Sql): CountingSql {
  const counts: SqlCounts = { statements: 0, rowsRead: 0, rowsWritten: 0 };
  const texts = new Set<string>();
  return {
    ...inner,
    counts,
    texts,
    all(text, ...parameters) {
      const rows = inner.all(text, ...parameters);
      counts.statements += 1;
      counts.rowsRead += rows.length;
      texts.add(text);
      return rows;
    },
    run(text, ...parameters) {
      const written = inner.run(text, ...parameters);
      counts.statements += 1;
      counts.rowsWritten += written;
      texts.add(text);
      return written;
    },
    measure(work) {
      const before = { ...counts };
      work();
      return {
        statements: counts.statements - before.statements,
        rowsRead: counts.rowsRead - before.rowsRead,
        rowsWritten: counts.rowsWritten - before.rowsWritten,
      };
    },
  };
}
