import type { CreateTown, TownInfo } from '@gastown/protocol';
import { randomHex, sha256 } from '../secrets/bytes.ts';
import type { User } from './users.ts';

/**
 * Which towns there are, and whose. A row is `creating` until its TownDO has the town, `deleting` from the moment of the wish until everything is gone;
 * whoever finds it in between finishes the work (DL-2). After that only the id stays, in `deleted_towns`.
 */
export interface TownEntry extends TownInfo {
  readonly epoch: string;
  readonly state: 'creating' | 'active' | 'deleting';
  readonly ownerId: string;
  /** As the wish that made it named it; a later name changes nothing here. */
  readonly wishedName: string;
}
export type TownStanding = { kind: 'member'; town: TownEntry } | { kind: 'stranger' } | { kind: 'deleted' } | { kind: 'unknown' };

const COLUMNS = `towns.id, towns.name, towns.epoch, towns.state, towns.owner_id AS ownerId, towns.created_at AS createdAt,
  COALESCE(towns.wished_name, towns.name) AS wishedName`;

/** The town of this key: made now, or there already from a wish before, which may have been another; null when it was deleted since. */
export async function addTown(db: D1Database, owner: User, { key, name }: CreateTown, now: number): Promise<TownEntry | null> {
  const id = await townIdOf(owner, key);
  await db.batch([
    db
      .prepare(
        `INSERT INTO towns (id, name, wished_name, owner_id, epoch, state, created_at) SELECT ?1, ?2, ?2, ?3, ?4, 'creating', ?5
         WHERE NOT EXISTS (SELECT 1 FROM deleted_towns WHERE id = ?1) ON CONFLICT (id) DO NOTHING`,
      )
      .bind(id, name, owner.id, randomHex(8), now),
    db
      .prepare(
        `INSERT INTO memberships (town_id, user_id, role) SELECT id, owner_id, 'owner' FROM towns WHERE id = ?
         ON CONFLICT (user_id, town_id) DO NOTHING`,
      )
      .bind(id),
  ]);
  const standing = await standingOf(db, owner, id);
  return standing.kind === 'member' ? standing.town : null;
}

export async function townsOf(db: D1Database, user: User): Promise<TownEntry[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM memberships JOIN towns ON towns.id = memberships.town_id WHERE memberships.user_id = ? ORDER BY towns.created_at, towns.id`,
    )
    .bind(user.id)
    .all<TownEntry>();
  return results;
}

export async function activeTowns(db: D1Database): Promise<TownEntry[]> {
  const { results } = await db.prepare(`SELECT ${COLUMNS} FROM towns WHERE state = 'active' ORDER BY id`).all<TownEntry>();
  return results;
}

/** What this user is to this town; asked before any object is touched. */
export async function standingOf(db: D1Database, user: User, townId: string): Promise<TownStanding> {
  const town = await db
    .prepare(
      `SELECT ${COLUMNS}, memberships.role FROM towns LEFT JOIN memberships ON memberships.town_id = towns.id AND memberships.user_id = ? WHERE towns.id = ?`,
    )
    .bind(user.id, townId)
    .first<TownEntry & { role: string | null }>();
  if (!town) return (await isDeleted(db, townId)) ? { kind: 'deleted' } : { kind: 'unknown' };
  return town.role === null ? { kind: 'stranger' } : { kind: 'member', town };
}

export async function stateOf(db: D1Database, townId: string): Promise<TownEntry['state'] | 'deleted' | 'unknown'> {
  const town = await db.prepare('SELECT state FROM towns WHERE id = ?').bind(townId).first<Pick<TownEntry, 'state'>>();
  return town?.state ?? ((await isDeleted(db, townId)) ? 'deleted' : 'unknown');
}

const isDeleted = async (db: D1Database, id: string): Promise<boolean> =>
  (await db.prepare('SELECT 1 FROM deleted_towns WHERE id = ?').bind(id).first()) !== null;

/** Only forwards: a town that is being deleted never becomes active again (DL-5). */
export const markActive = (db: D1Database, id: string) =>
  db.prepare("UPDATE towns SET state = 'active' WHERE id = ? AND state = 'creating'").bind(id).run();
export const markDeleting = (db: D1Database, id: string) => db.prepare("UPDATE towns SET state = 'deleting' WHERE id = ?").bind(id).run();
export const renameTown = (db: D1Database, id: string, name: string) =>
  db.prepare('UPDATE towns SET name = ? WHERE id = ?').bind(name, id).run();

export async function removeTown(db: D1Database, id: string, now: number): Promise<void> {
  await db.batch([
    db.prepare('INSERT OR IGNORE INTO deleted_towns (id, deleted_at) VALUES (?, ?)').bind(id, now),
    db.prepare('DELETE FROM memberships WHERE town_id = ?').bind(id),
    db.prepare('DELETE FROM page_sockets WHERE town_id = ?').bind(id),
    db.prepare('DELETE FROM towns WHERE id = ?').bind(id),
  ]);
}

/** 12 characters of 0-9a-z, about 62 bits, made of the wish: whose it is and its key. So a wish that comes again finds its town without a record of keys. */
const townIdOf = async (owner: User, key: string): Promise<string> =>
  BigInt(`0x${await sha256(JSON.stringify([owner.id, key]))}`)
    .toString(36)
    .slice(-12);
