/** Where sessions have opened sockets, so that the end of a session finds them (WS-17). A session is named by the hash of its token, as in the directory. */
export interface Place {
  readonly townId: string;
  /** Null: the town itself. */
  readonly agentId: string | null;
}
export interface Owed extends Place {
  readonly session: string;
}

/** A place counts as opened last at this grain: a page that comes back again and again, or opens more there, writes nothing. */
const GRAIN_MS = 3_600_000;

/** Noted in the transaction that sees the session: false, it is over, and nothing is noted. */
export async function noteSocket(db: D1Database, { session, townId, agentId }: Owed, now: number): Promise<boolean> {
  const [seen] = await db.batch([
    db.prepare('SELECT 1 FROM sessions WHERE hash = ? AND expires_at > ?').bind(session, now),
    db
      .prepare(
        `INSERT INTO page_sockets (session, town_id, agent_id, opened_at) SELECT hash, ?2, ?3, ?4 FROM sessions WHERE hash = ?1 AND expires_at > ?4
         ON CONFLICT (session, town_id, agent_id) DO UPDATE SET opened_at = excluded.opened_at WHERE opened_at <= excluded.opened_at - ?5`,
      )
      .bind(session, townId, agentId ?? '', now, GRAIN_MS),
  ]);
  return seen?.results.length === 1;
}

/** Places of sessions that are over, those opened last first. */
export async function owedClosings(db: D1Database, most: number): Promise<Owed[]> {
  const { results } = await db
    .prepare(
      `SELECT session, town_id AS townId, NULLIF(agent_id, '') AS agentId FROM page_sockets
       WHERE session NOT IN (SELECT hash FROM sessions) ORDER BY opened_at DESC LIMIT ?`,
    )
    .bind(most)
    .all<Owed>();
  return results;
}

export async function forgetSockets(db: D1Database, closed: readonly Owed[]): Promise<void> {
  const forget = db.prepare('DELETE FROM page_sockets WHERE session = ? AND town_id = ? AND agent_id = ?');
  if (closed.length > 0) await db.batch(closed.map(({ session, townId, agentId }) => forget.bind(session, townId, agentId ?? '')));
}
