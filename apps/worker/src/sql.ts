import type { Sql, SqlValue } from '@gastown/town';

/** Rows read and written since the object woke: benchmarks and tests assert on work, not on time. */
export interface SqlCounters {
  statements: number;
  rowsRead: number;
  rowsWritten: number;
}

/** The one place that calls `exec`. Cursors are always drained: an unread one of a writing statement loses the write (stack.md §2, trap 1). */
export function sqlOver(
  storage: SqlStorage,
  counters: SqlCounters = { statements: 0, rowsRead: 0, rowsWritten: 0 },
): Sql & { readonly counters: SqlCounters } {
  const run = (statement: string, parameters: SqlValue[]) => {
    const cursor = storage.exec<Record<string, SqlStorageValue>>(statement, ...parameters);
    const rows = cursor.toArray();
    counters.statements += 1;
    counters.rowsRead += cursor.rowsRead;
    counters.rowsWritten += cursor.rowsWritten;
    return { rows, written: cursor.rowsWritten };
  };
  return {
    counters,
    all: (statement, ...parameters) => run(statement, parameters).rows,
    run: (statement, ...parameters) => run(statement, parameters).written,
  };
}
