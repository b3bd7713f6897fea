import { HOME_RUNNER, type Failure, type RunnerId } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { touchTown } from '../config/store.ts';
import { flag, int, intOrNull, json, jsonOrNull, packed, text, textOrNull, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

export interface Link {
  readonly runnerId: RunnerId;
  readonly instance: string | null;
  readonly connected: boolean;
  readonly seq: number;
  readonly agentKinds: string[];
  readonly drainingAt: number | null;
  readonly drainUntil: number | null;
  readonly heardAt: number | null;
  readonly doubtedAt: number | null;
  readonly isolation: 'users' | 'none' | null;
  readonly since: number | null;
  readonly awayUntil: number | null;
  readonly failure: Failure | null;
}
/** What is known of an instance that was not heard of before. */
export const UNKNOWN = { seq: 0, drainingAt: null, drainUntil: null, heardAt: null, doubtedAt: null, failure: null } as const;

const toLink = (row: Row): Link => ({
  runnerId: text(row, 'runner_id') as RunnerId,
  instance: textOrNull(row, 'instance'),
  connected: flag(row, 'connected'),
  seq: int(row, 'seq'),
  agentKinds: json<string[]>(row, 'agent_kinds'),
  drainingAt: intOrNull(row, 'draining_at'),
  drainUntil: intOrNull(row, 'drain_until'),
  heardAt: intOrNull(row, 'heard_at'),
  doubtedAt: intOrNull(row, 'doubted_at'),
  isolation: textOrNull(row, 'isolation') as Link['isolation'],
  since: intOrNull(row, 'since'),
  awayUntil: intOrNull(row, 'away_until'),
  failure: jsonOrNull<Failure>(row, 'failure'),
});
/** Of every runner, in one question. */
export const allLinks = (sql: Sql): Link[] => sql.all('SELECT * FROM links').map(toLink);
/** Null: there is no such runner. All are few and read together, so that they are read once. */
export const findLink = (sql: Sql, runnerId: string): Link | null => allLinks(sql).find((link) => link.runnerId === runnerId) ?? null;
/** The container's, which is always there. */
export function homeLink(sql: Sql): Link {
  const link = findLink(sql, HOME_RUNNER);
  if (!link) throw new Error('the link row of the container is missing');
  return link;
}

export const insertLink = (tx: Tx, runnerId: RunnerId): void => {
  tx.sql.run('INSERT INTO links (runner_id) VALUES (?)', runnerId);
};
export const deleteLink = (tx: Tx, runnerId: RunnerId): void => {
  tx.sql.run('DELETE FROM links WHERE runner_id = ?', runnerId);
};
export function setLink(tx: Tx, link: Omit<Link, 'since'>): void {
  const before = findLink(tx.sql, link.runnerId);
  const same = before?.connected === link.connected && (!link.connected || before.instance === link.instance);
  const since = same ? (before?.since ?? null) : tx.now;
  tx.sql.run(
    `UPDATE links SET instance = ?, connected = ?, seq = ?, agent_kinds = ?, draining_at = ?, drain_until = ?, heard_at = ?, doubted_at = ?,
       isolation = ?, since = ?, away_until = ?, failure = ? WHERE runner_id = ?`,
    link.instance,
    link.connected ? 1 : 0,
    link.seq,
    JSON.stringify(link.agentKinds),
    link.drainingAt,
    link.drainUntil,
    link.heardAt,
    link.doubtedAt,
    link.isolation,
    since,
    link.awayUntil,
    packed(link.failure),
    link.runnerId,
  );
  touch(tx, 'runners', link.runnerId);
  if (link.runnerId === HOME_RUNNER) touchTown(tx);
}
/** A report came: its number is taken, and whoever says something is not wedged. */
export function setSeq(tx: Tx, { runnerId, failure, doubtedAt }: Pick<Link, 'runnerId' | 'failure' | 'doubtedAt'>, seq: number): void {
  tx.sql.run('UPDATE links SET seq = ?, heard_at = ?, doubted_at = NULL, failure = NULL WHERE runner_id = ?', seq, tx.now, runnerId);
  if (failure || doubtedAt !== null) touch(tx, 'runners', runnerId);
}
/** A machine in doubt takes nothing new. */
export const setDoubt = (tx: Tx, runnerId: RunnerId, at: number | null): void => {
  tx.sql.run('UPDATE links SET doubted_at = ? WHERE runner_id = ?', at, runnerId);
  touch(tx, 'runners', runnerId);
};
