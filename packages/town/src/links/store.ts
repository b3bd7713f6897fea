import type { Sql } from '../api.ts';
import { first, flag, int, intOrNull, json, textOrNull } from '../sql.ts';
import type { Tx } from '../tx.ts';

export interface Link {
  readonly instance: string | null;
  readonly connected: boolean;
  readonly seq: number;
  readonly agentKinds: string[];
  readonly drainingAt: number | null;
  readonly drainUntil: number | null;
  readonly heardAt: number | null;
  readonly doubtedAt: number | null;
  readonly isolation: 'users' | 'none' | null;
}
/** What is known of an instance that was not heard of before. */
export const UNKNOWN = { seq: 0, drainingAt: null, drainUntil: null, heardAt: null, doubtedAt: null } as const;

export function readLink(sql: Sql): Link {
  const row = first(sql, 'SELECT * FROM links WHERE id = 1');
  if (!row) throw new Error('the link row is missing');
  return {
    instance: textOrNull(row, 'instance'),
    connected: flag(row, 'connected'),
    seq: int(row, 'seq'),
    agentKinds: json<string[]>(row, 'agent_kinds'),
    drainingAt: intOrNull(row, 'draining_at'),
    drainUntil: intOrNull(row, 'drain_until'),
    heardAt: intOrNull(row, 'heard_at'),
    doubtedAt: intOrNull(row, 'doubted_at'),
    isolation: textOrNull(row, 'isolation') as Link['isolation'],
  };
}

export const setLink = (tx: Tx, link: Link): void => {
  tx.sql.run(
    `UPDATE links SET instance = ?, connected = ?, seq = ?, agent_kinds = ?, draining_at = ?, drain_until = ?, heard_at = ?, doubted_at = ?,
       isolation = ? WHERE id = 1`,
    link.instance,
    link.connected ? 1 : 0,
    link.seq,
    JSON.stringify(link.agentKinds),
    link.drainingAt,
    link.drainUntil,
    link.heardAt,
    link.doubtedAt,
    link.isolation,
  );
};
/** A report came: its number is taken, and whoever says something is not wedged. */
export const setSeq = (tx: Tx, seq: number): void => {
  tx.sql.run('UPDATE links SET seq = ?, heard_at = ?, doubted_at = NULL WHERE id = 1', seq, tx.now);
};
export const setDoubt = (tx: Tx, at: number | null): void => {
  tx.sql.run('UPDATE links SET doubted_at = ? WHERE id = 1', at);
};
