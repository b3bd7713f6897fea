import { LIMITS } from '@gastown/protocol';
import { randomToken, sha256 } from '../secrets/bytes.ts';

/** Users, one-time sign-in codes and browser sessions. Codes and session tokens are stored as SHA-256 only: a copy of the directory signs nobody in. */
export interface User {
  readonly id: string;
  readonly name: string;
}
/** `id`: the hash of its token, which gives nobody the session. */
export interface Session {
  readonly id: string;
  readonly until: number;
}
const OWNER_ID = 'owner';

export async function makeSignInCode(db: D1Database, now: number): Promise<string> {
  const code = randomToken();
  await db.batch([
    db.prepare('DELETE FROM sign_in_codes WHERE expires_at <= ?').bind(now),
    db
      .prepare('INSERT INTO sign_in_codes (hash, created_at, expires_at) VALUES (?, ?, ?)')
      .bind(await sha256(code), now, now + LIMITS.signInCodeMs.value),
  ]);
  return code;
}

/** True for exactly one caller: the update itself decides. */
export async function useSignInCode(db: D1Database, code: string, now: number): Promise<boolean> {
  const { meta } = await db
    .prepare('UPDATE sign_in_codes SET used_at = ?1 WHERE hash = ?2 AND used_at IS NULL AND expires_at > ?1')
    .bind(now, await sha256(code))
    .run();
  return meta.changes === 1;
}

/** A session for the owner of this installation, who exists from the first sign-in on. */
export async function startOwnerSession(db: D1Database, ownerName: string, now: number): Promise<string> {
  const token = randomToken();
  await db.batch([
    db.prepare('INSERT OR IGNORE INTO users (id, name, created_at) VALUES (?, ?, ?)').bind(OWNER_ID, ownerName, now),
    db.prepare('DELETE FROM sessions WHERE expires_at <= ?').bind(now),
    db
      .prepare('INSERT INTO sessions (hash, user_id, created_at, expires_at) VALUES (?, ?, ?, ?)')
      .bind(await sha256(token), OWNER_ID, now, now + LIMITS.sessionMs.value),
  ]);
  return token;
}

export async function sessionOf(db: D1Database, token: string, now: number): Promise<{ user: User; session: Session } | null> {
  const found = await db
    .prepare(
      `SELECT users.id, users.name, sessions.hash, sessions.expires_at AS until FROM sessions JOIN users ON users.id = sessions.user_id
       WHERE sessions.hash = ? AND sessions.expires_at > ?`,
    )
    .bind(await sha256(token), now)
    .first<User & { hash: string; until: number }>();
  return found && { user: { id: found.id, name: found.name }, session: { id: found.hash, until: found.until } };
}

export async function endSession(db: D1Database, token: string): Promise<void> {
  await db
    .prepare('DELETE FROM sessions WHERE hash = ?')
    .bind(await sha256(token))
    .run();
}
