import { failure, ok, refuse, type Result } from '@gastown/protocol';
import type { Envelope } from '../api.ts';
import { hashOf } from '../hash.ts';
import { first, json, text } from '../sql.ts';
import type { Tx } from '../tx.ts';

/** A stored answer is given again for a day; then its key may be forgotten. */
const KEPT_MS = 86_400_000;
/** One new key in sixteen forgets up to so many: twice as many as came since. */
const FORGETS = 16;
const FORGOTTEN_AT_ONCE = 2 * FORGETS;

/** A hash of the command; its sealed secret is left out, it differs each time it is sealed. */
export function fingerprint(envelope: Envelope): string {
  const { command, actor } = envelope;
  const plain = 'secret' in command ? { ...command, secret: command.secret?.hint ?? null } : command;
  return hashOf(JSON.stringify([actor, plain]));
}

/** The earlier answer to this key, a refusal when it belonged to another command, or null when the key is new. */
export function earlierAnswer(tx: Tx, key: string, print: string): Result<unknown> | null {
  const row = first(tx.sql, 'SELECT fingerprint, result FROM keys WHERE key = ?', key);
  if (!row) return null;
  return text(row, 'fingerprint') === print ? ok(json<unknown>(row, 'result')) : refuse(failure('conflicting_key'));
}

/** Only what was done is kept: a refusal changed nothing and may be asked again. Now and then a new key forgets old ones. */
export function keepAnswer(tx: Tx, key: string, print: string, value: unknown): void {
  tx.sql.run('INSERT INTO keys (key, fingerprint, result, at) VALUES (?,?,?,?)', key, print, JSON.stringify(value ?? null), tx.now);
  if (Number.parseInt(hashOf(key), 16) % FORGETS !== 0) return;
  const old = tx.sql.all('SELECT key, at FROM keys ORDER BY rowid LIMIT ?', FORGOTTEN_AT_ONCE);
  for (const row of old) {
    if (typeof row.at === 'number' && row.at < tx.now - KEPT_MS) tx.sql.run('DELETE FROM keys WHERE key = ?', text(row, 'key'));
  }
}
