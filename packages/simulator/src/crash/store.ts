import { openTown, type Sql } from '@gastown/town';
import { memorySql } from '@gastown/town/testing';
import type { Reaper } from './reaper.ts';

/** The one thing that outlives a shell. What was not committed when it died is gone. */
export interface Store {
  readonly sql: Sql;
  /** All of it or nothing. `about`: what the transaction is for. */
  transaction<T>(about: string, work: () => T, committed: () => void): T;
}

/** A store with its tables, made once: thousands of towns begin with it. */
let empty: Uint8Array | null = null;
function emptyStore(): ReturnType<typeof memorySql> {
  const store = memorySql();
  if (empty) store.db.deserialize(empty);
  else {
    openTown(store);
    empty = store.db.serialize();
  }
  return store;
}

export function openStore(reaper: Reaper, plant: (sql: Sql) => Sql = (whole) => whole): Store {
  const inner = emptyStore();
  let writes = 0;
  const sql: Sql = {
    ...inner,
    run(statement, ...parameters) {
      const changed = inner.run(statement, ...parameters);
      if (changed > 0) {
        writes += 1;
        reaper.wrote();
      }
      return changed;
    },
  };
  return {
    sql: plant(sql),
    transaction(about, work, committed) {
      inner.db.exec('BEGIN');
      writes = 0;
      reaper.begin();
      try {
        const done = work();
        if (writes > 0) reaper.beforeCommit(about);
        inner.db.exec('COMMIT');
        committed();
        if (writes > 0) reaper.afterCommit(about);
        return done;
      } catch (error) {
        if (inner.db.isTransaction) inner.db.exec('ROLLBACK');
        throw error;
      }
    },
  };
}
