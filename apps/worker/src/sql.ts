import type { Sql, SqlValue } from '@gastown/town';

/** Rows read and written since the object woke: benchmarks and tests assert on work, not on time. */
export interface SqlCounters {
  statements: number;
  rowsRead: number;
  rowsWritten: number;
}

/** Damaged rows are told once while an object is awake: they are met at every command. */
const TOLD_AT_MOST = 100;

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
  const told = new Set<string>();
  return {
    counters,
    unreadable(finding) {
      if (told.has(finding) || told.size >= TOLD_AT_MOST) return;
      told.add(finding);
      console.error(JSON.stringify({ level: 'error', invariant: 'DM-15', message: finding }));
    },
    all: (statement, ...parameters) => run(statement, parameters).rows,
    run: (statement, ...parameters) => run(statement, parameters).written,
  };
}
