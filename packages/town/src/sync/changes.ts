import { TABLE_NAMES, type TableName } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { first, int, jsonOrNull } from '../sql.ts';
import type { Touched, Tx } from '../tx.ts';

/** Revisions kept: more than a busy hour makes (P10). A replica that is further behind takes a snapshot. */
const KEPT = 4_096;
const PRUNE_EACH = 128;
/** More changed rows than this in one transaction are cheaper as a snapshot. */
export const LISTED = 4_000;

type Ids = Partial<Record<TableName, string[]>>;

export function currentRev(sql: Sql): number {
  const row = first(sql, 'SELECT rev FROM changes ORDER BY rev DESC LIMIT 1');
  return row ? int(row, 'rev') : 0;
}

/** Once at the end of a transaction: the next revision, with the ids of the replica rows that changed. One row, whatever changed. */
export function writeChanges(tx: Tx): void {
  const ids: Ids = {};
  let count = 0;
  for (const table of TABLE_NAMES) {
    const changed = tx.touched[table];
    count += changed.size;
    if (changed.size > 0) ids[table] = [...changed];
  }
  if (count === 0) return;
  /** Without a number given, the store takes the next one: only the oldest are ever deleted. */
  tx.sql.run('INSERT INTO changes (at, ids) VALUES (?,?)', tx.now, count > LISTED ? null : JSON.stringify(ids));
  const rev = currentRev(tx.sql);
  if (rev % PRUNE_EACH === 0) tx.sql.run('DELETE FROM changes WHERE rev <= ?', rev - KEPT);
}

/** The ids that changed after `rev`, or null when they are not known any more. */
export function changedSince(sql: Sql, rev: number): Pick<Touched, TableName> | null {
  const rows = sql.all('SELECT rev, ids FROM changes WHERE rev > ? ORDER BY rev', rev);
  const oldest = rows[0];
  if (rev > currentRev(sql) || (oldest && int(oldest, 'rev') !== rev + 1)) return null;
  const changed = Object.fromEntries(TABLE_NAMES.map((table) => [table, new Set<string>()])) as Pick<Touched, TableName>;
  let count = 0;
  for (const row of rows) {
    const ids = jsonOrNull<Ids>(row, 'ids');
    if (!ids) return null;
    for (const table of TABLE_NAMES) for (const id of ids[table] ?? []) changed[table].add(id);
    /** Of the events only the newest travel. */
    count = TABLE_NAMES.reduce((sum, table) => sum + (table === 'events' ? 0 : changed[table].size), 0);
    if (count > LISTED) return null;
  }
  return changed;
}
