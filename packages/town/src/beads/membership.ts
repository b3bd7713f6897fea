import type { BeadId, ConvoyId } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { first, idList, list, text } from '../sql.ts';
import type { Tx } from '../tx.ts';
import { insertEdge } from './dependencies.ts';
import { toBead, touchBead, type Bead, type ConvoyHold } from './store.ts';

/** Which convoy a bead belongs to: its own columns, so that a change of its status knows whom it concerns, and a `tracks` edge convoy → bead. */
export const membersOf = (sql: Sql, convoyId: string): Bead[] =>
  list(sql, toBead, 'SELECT * FROM beads WHERE convoy_id = ? ORDER BY convoy_id, convoy_place', convoyId);
export const convoysOf = (sql: Sql, ids: Iterable<string>): { beadId: string; convoyId: string }[] =>
  sql
    .all('SELECT id, convoy_id FROM beads WHERE id IN (SELECT value FROM json_each(?)) AND convoy_id IS NOT NULL', idList(ids))
    .map((row) => ({ beadId: text(row, 'id'), convoyId: text(row, 'convoy_id') }));
export function firstFailedMember(sql: Sql, convoyId: string): string | null {
  const row = first(
    sql,
    `SELECT id FROM beads WHERE convoy_id = ? AND status = 'failed' ORDER BY convoy_id, convoy_place LIMIT 1`,
    convoyId,
  );
  return row ? text(row, 'id') : null;
}

export function joinConvoy(tx: Tx, beadId: BeadId, convoyId: ConvoyId, place: number, hold: ConvoyHold | null): void {
  tx.sql.run('UPDATE beads SET convoy_id = ?, convoy_place = ?, convoy_hold = ? WHERE id = ?', convoyId, place, hold, beadId);
  track(tx, convoyId, beadId);
  touchBead(tx, beadId);
}
export const track = (tx: Tx, convoyId: ConvoyId, beadId: BeadId): void =>
  insertEdge(tx, { beadId: convoyId as string as BeadId, dependsOn: beadId, type: 'tracks', gate: null });

export function leaveConvoy(tx: Tx, beadId: BeadId, convoyId: ConvoyId): void {
  tx.sql.run('UPDATE beads SET convoy_id = NULL, convoy_place = NULL, convoy_hold = NULL WHERE id = ?', beadId);
  tx.sql.run(`DELETE FROM dependencies WHERE bead_id = ? AND depends_on = ? AND type = 'tracks'`, convoyId, beadId);
  touchBead(tx, beadId);
}

/** What the state of the convoy does to all its beads: one statement, whatever their number. */
export function holdMembers(tx: Tx, convoyId: ConvoyId, hold: ConvoyHold | null): void {
  const ids = tx.sql.all('SELECT id FROM beads WHERE convoy_id = ? AND convoy_hold IS NOT ?', convoyId, hold).map((row) => text(row, 'id'));
  tx.sql.run('UPDATE beads SET convoy_hold = ? WHERE id IN (SELECT value FROM json_each(?))', hold, idList(ids));
  for (const id of ids) touchBead(tx, id);
}
