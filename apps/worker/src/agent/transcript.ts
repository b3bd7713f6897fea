import { LIMITS, TranscriptItem, type StoredItem } from '@gastown/protocol';
import type { Sql, SqlValue } from '@gastown/town';
import { cutItem } from './cut.ts';

/**
 * One agent's transcript. Owns `items`.
 *
 * 1. `pos` is given once, at an item's first write, and never changes; `rev` grows with each write. Both come from the newest row, which is never pruned.
 * 2. The same item again (same id, same content) writes nothing: a resend after a lost acknowledgement is free (I18).
 * 3. The table is made at the first write, so that asking an object that never had an agent leaves no trace.
 */
const PRUNE_EVERY = 100;
const FRAME_BYTES = LIMITS.frameBytes.value / 2;

export class Transcript {
  readonly #sql: Sql;
  #exists: boolean;
  constructor(sql: Sql) {
    this.#sql = sql;
    this.#exists = sql.all("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'items'").length > 0;
  }

  /** Null: nothing new. */
  put(given: TranscriptItem, databaseBytes: number): StoredItem | null {
    this.#create();
    const item = cutItem(given);
    const json = JSON.stringify(item);
    const old = this.#sql.all('SELECT pos, json FROM items WHERE id = ?', item.id)[0];
    if (old?.json === json) return null;
    const rev = this.rev() + 1;
    const pos = old ? Number(old.pos) : this.#newestPos() + 1;
    this.#sql.run(
      'INSERT INTO items (pos, rev, id, json) VALUES (?, ?, ?, ?) ON CONFLICT (pos) DO UPDATE SET rev = excluded.rev, json = excluded.json',
      pos,
      rev,
      item.id,
      json,
    );
    if (!old && pos % PRUNE_EVERY === 0) this.#prune(pos, databaseBytes);
    return { pos, rev, item };
  }

  rev(): number {
    return this.#exists ? Number(this.#sql.all('SELECT max(rev) AS rev FROM items')[0]?.rev ?? 0) : 0;
  }

  /** The newest `limit` items before `before`, oldest first; fewer when they would be too much for one answer. */
  before(before: number | null, limit: number): StoredItem[] {
    if (!this.#exists) return [];
    const end = before ?? Number.MAX_SAFE_INTEGER;
    const sizes = this.#sql.all('SELECT pos, length(json) AS size FROM items WHERE pos < ? ORDER BY pos DESC LIMIT ?', end, limit);
    const first = fitting(sizes, 4 * FRAME_BYTES).at(-1);
    if (!first) return [];
    return this.#sql.all('SELECT pos, rev, json FROM items WHERE pos < ? AND pos >= ? ORDER BY pos', end, first.pos!).map(storedOf);
  }

  /** Everything written after `rev`, in the order of writing, in pieces that fit a frame. */
  *after(rev: number): Generator<StoredItem[]> {
    for (let from = rev; ;) {
      const sizes = this.#exists
        ? this.#sql.all('SELECT rev, length(json) AS size FROM items WHERE rev > ? ORDER BY rev LIMIT 500', from)
        : [];
      const last = fitting(sizes, FRAME_BYTES).at(-1);
      if (!last) return;
      yield this.#sql.all('SELECT pos, rev, json FROM items WHERE rev > ? AND rev <= ? ORDER BY rev', from, last.rev!).map(storedOf);
      from = Number(last.rev);
    }
  }

  hasBefore(pos: number): boolean {
    return this.#exists && this.#sql.all('SELECT 1 FROM items WHERE pos < ? LIMIT 1', pos).length > 0;
  }

  #create(): void {
    if (this.#exists) return;
    this.#sql.run('CREATE TABLE items (pos INTEGER PRIMARY KEY, rev INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, json TEXT NOT NULL) STRICT');
    this.#sql.run('CREATE INDEX items_by_rev ON items (rev)');
    this.#exists = true;
  }

  #newestPos(): number {
    return Number(this.#sql.all('SELECT max(pos) AS pos FROM items')[0]?.pos ?? 0);
  }

  #prune(newest: number, databaseBytes: number): void {
    const tooBig = databaseBytes > LIMITS.transcriptBytes.value;
    const oldest = Number(this.#sql.all('SELECT min(pos) AS pos FROM items')[0]?.pos ?? 0);
    const keepFrom = Math.max(newest - LIMITS.transcriptItems.value + 1, tooBig ? oldest + Math.ceil((newest - oldest) / 4) : 0);
    if (keepFrom > oldest) this.#sql.run('DELETE FROM items WHERE pos < ?', keepFrom);
  }
}

type Row = Record<string, SqlValue>;
const storedOf = (row: Row): StoredItem => ({
  pos: Number(row.pos),
  rev: Number(row.rev),
  item: TranscriptItem.parse(JSON.parse(String(row.json))),
});

/** The first rows that together stay within `bytes`; at least one. Asked for without their content: an object that loads 500 large ones at once dies of it. */
function fitting(rows: Row[], bytes: number): Row[] {
  let size = 0;
  const over = rows.findIndex((row, at) => (size += Number(row.size)) > bytes && at > 0);
  return over < 0 ? rows : rows.slice(0, over);
}
