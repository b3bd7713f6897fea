import type { TownInfo } from '@gastown/protocol';
import { randomHex, randomToken } from '../secrets/bytes.ts';
import type { User } from './users.ts';

/**
 * Which towns there are, and whose. A row is `creating` until its TownDO has the town, `deleting` from the moment of the wish until everything is gone;
 * whoever finds it in between finishes the work (DL-2). After that only the id stays, in `deleted_towns`.
 */
export interface TownEntry extends TownInfo {
  readonly epoch: string;
  readonly state: 'creating' | 'active' | 'deleting';
  readonly ownerId: string;
}
export type TownStanding = { kind: 'member'; town: TownEntry } | { kind: 'stranger' } | { kind: 'deleted' } | { kind: 'unknown' };

const COLUMNS = 'towns.id, towns.name, towns.epoch, towns.state, towns.owner_id AS ownerId, towns.created_at AS createdAt';

export async function addTown(db: D1Database, owner: User, name: string, now: number): Promise<TownEntry> {
  const id = townId();
  const epoch = randomHex(8);
  await db.batch([
    db
      .prepare("INSERT INTO towns (id, name, owner_id, epoch, state, created_at) VALUES (?, ?, ?, ?, 'creating', ?)")
      .bind(id, name, owner.id, epoch, now),
    db.prepare("INSERT INTO memberships (town_id, user_id, role) VALUES (?, ?, 'owner')").bind(id, owner.id),
  ]);
  return { id: id as TownInfo['id'], name, epoch, state: 'creating', ownerId: owner.id, createdAt: now };
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
    db.prepare('DELETE FROM towns WHERE id = ?').bind(id),
  ]);
}

/** 12 characters of 0-9a-z: about 60 bits. */
const townId = (): string => {
  const letters = randomToken(64)
    .toLowerCase()
    .replace(/[^0-9a-z]/g, '');
  return letters.slice(0, 12);
};
