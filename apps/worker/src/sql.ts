import type { Sql } from '@gastown/town';

/** Damaged rows are told once while an object is awake: they are met at every command. */
const TOLD_AT_MOST = 100;

/**
 * The one place that calls `exec`. Cursors are always drained: an unread one of a writing statement loses the write (stack.md §2, trap 1).
 * A cursor is asked for nothing that its caller does not need: each question is a step into the platform.
 */
export function sqlOver(storage: SqlStorage): Sql {
  const told = new Set<string>();
  return {
    all: (statement, ...parameters) => storage.exec<Record<string, SqlStorageValue>>(statement, ...parameters).toArray(),
    run(statement, ...parameters) {
      const cursor = storage.exec(statement, ...parameters);
      cursor.toArray();
      return cursor.rowsWritten;
    },
    unreadable(finding) {
      if (told.has(finding) || told.size >= TOLD_AT_MOST) return;
      told.add(finding);
      console.error(JSON.stringify({ level: 'error', invariant: 'DM-15', message: finding }));
    },
  };
}
