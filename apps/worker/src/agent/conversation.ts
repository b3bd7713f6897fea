import { ConversationInfo, failure, ok, refuse, type Result } from '@gastown/protocol';
import type { Sql } from '@gastown/town';

/**
 * What is kept of one agent's session. Owns `conversation` (one row: what it is) and `conversation_pieces` (the bytes, in pieces below the row limit of the platform). Both are written in one transaction of the
 * caller: the one before stays until the new one is whole. Made at the first write, so that asking leaves no trace. A run that was replaced may wake up and post what it has: neither an older generation nor less of the
 * same session takes the place of what is kept (I3).
 */
const PIECE_BYTES = 900_000;

export class Conversation {
  readonly #sql: Sql;
  #exists: boolean;
  constructor(sql: Sql) {
    this.#sql = sql;
    this.#exists = sql.all("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'conversation'").length > 0;
  }

  /** To be called in a transaction. */
  keep(info: ConversationInfo, bytes: Uint8Array): Result<null> {
    const kept = this.info();
    if (kept !== null && isOlder(info, kept)) return refuse(failure('stale_generation', 'What is kept of this conversation is newer.'));
    this.#create();
    this.#sql.run('DELETE FROM conversation_pieces');
    for (let at = 0, number = 0; at < bytes.byteLength; at += PIECE_BYTES, number += 1)
      this.#sql.run('INSERT INTO conversation_pieces (number, bytes) VALUES (?, ?)', number, bytes.slice(at, at + PIECE_BYTES));
    this.#sql.run('INSERT OR REPLACE INTO conversation (id, info) VALUES (1, ?)', JSON.stringify(info));
    return ok(null);
  }

  info(): ConversationInfo | null {
    const row = this.#exists ? this.#sql.all('SELECT info FROM conversation WHERE id = 1')[0] : undefined;
    return row === undefined ? null : ConversationInfo.parse(JSON.parse(String(row.info)));
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const pieces = this.#exists ? this.#sql.all('SELECT bytes FROM conversation_pieces ORDER BY number') : [];
    const parts = pieces.map(({ bytes }) => new Uint8Array(bytes as ArrayBuffer)); // the column holds nothing else
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
    parts.reduce((at, part) => (whole.set(part, at), at + part.byteLength), 0);
    return whole;
  }

  #create(): void {
    if (this.#exists) return;
    this.#sql.run('CREATE TABLE conversation (id INTEGER PRIMARY KEY, info TEXT NOT NULL) STRICT');
    this.#sql.run('CREATE TABLE conversation_pieces (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT');
    this.#exists = true;
  }
}

function isOlder(info: ConversationInfo, kept: ConversationInfo): boolean {
  if (info.generation !== kept.generation) return info.generation < kept.generation;
  return info.sessionId === kept.sessionId && info.agentKind === kept.agentKind && info.extent < kept.extent;
}
