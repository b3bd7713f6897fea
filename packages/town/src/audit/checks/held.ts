import type { Failure } from '@gastown/protocol';
import type { Sql } from '../../api.ts';
import { readTown } from '../../config/store.ts';
import { isForAgent } from '../../merges/mending.ts';
import { idList, int, jsonOrNull, text, textOrNull, type Row } from '../../sql.ts';
import { finding, type Check, type Finding } from './check.ts';

/**
 * I3, RC-27: work that has begun is with somebody: in progress with a live run; in review with a merge request that is not over, or whose failure is mended by the
 * run that handed in, or was told to a person; or it is so because a person, or the Mayor in a person's stead, put it there by hand. And nothing belongs to an agent
 * who is not there. Of work that is not over; asked in the same statement, so that a look costs what is begun.
 */
export const heldCheck: Check = {
  tables: ['beads', 'runs', 'merges', 'escalations', 'agents', 'town'],
  open: () => (sql) =>
    readTown(sql)?.deletedAt !== null
      ? []
      : [...forsaken(sql).map(({ id, why }) => finding('I3', `${id} is ${why}`)), ...sql.all(STRAY).map(stray)],
};

interface Forsaken {
  readonly id: string;
  readonly why: string;
}
/** What is begun and with nobody, though no person wants it so. */
export function forsaken(sql: Sql): Forsaken[] {
  const suspects = sql.all(BEGUN).flatMap((bead) => {
    const why = text(bead, 'status') === 'in_progress' ? unworked(bead) : unmerged(bead);
    return why === null ? [] : [{ id: text(bead, 'id'), why }];
  });
  if (suspects.length === 0) return [];
  const byHand = new Set(sql.all(BY_HAND, idList(suspects.map(({ id }) => id))).map((row) => text(row, 'bead_id')));
  return suspects.filter(({ id }) => !byHand.has(id));
}

const BEGUN = `SELECT b.id, b.status, m.id AS merge_id, m.place, m.phase, m.failure,
    EXISTS (SELECT 1 FROM runs r WHERE r.bead_id = b.id AND r.bead_id IS NOT NULL AND r.state <> 'ended') AS live,
    m.phase = 'failed' AND EXISTS (SELECT 1 FROM escalations e
      WHERE e.bead_id = b.id AND (e.closed_at IS NULL OR e.closed_at >= m.updated_at OR e.created_at >= m.updated_at)) AS asked
  FROM beads b LEFT JOIN merges m ON m.rowid = (SELECT max(rowid) FROM merges WHERE bead_id = b.id)
  WHERE b.type = 'issue' AND b.closed_at IS NULL AND b.status IN ('in_progress', 'in_review')`;
/** Their last move was a person's, or the Mayor's at a person's wish (ST-14). */
const BY_HAND = `SELECT bead_id FROM bead_events
  WHERE id IN (SELECT max(id) FROM bead_events WHERE after IS NOT NULL AND bead_id IN (SELECT value FROM json_each(?)) GROUP BY bead_id)
    AND (actor_kind = 'person' OR CASE WHEN json_valid(data) THEN json_extract(data, '$.byHand') END = 1)`;

const unworked = (bead: Row): string | null => (bead.live === 1 ? null : 'in progress and no run works on it');

function unmerged(bead: Row): string | null {
  const mergeId = textOrNull(bead, 'merge_id');
  if (mergeId === null) return 'in review without a merge request';
  if (bead.place !== null) return null;
  const why = jsonOrNull<Failure>(bead, 'failure');
  if (text(bead, 'phase') === 'failed' && (why && isForAgent(why) ? bead.live : bead.asked) === 1) return null;
  return `in review and its merge ${mergeId} is ${text(bead, 'phase')}: nobody goes on with it`;
}

const STRAY = `SELECT b.id, b.assignee_id, a.id IS NULL AS gone FROM beads b LEFT JOIN agents a ON a.id = b.assignee_id
  WHERE b.type = 'issue' AND b.closed_at IS NULL AND b.assignee_id IS NOT NULL AND (a.id IS NULL OR a.retired_at IS NOT NULL)`;
const stray = (bead: Row): Finding =>
  finding(
    'I3',
    `${text(bead, 'id')} belongs to ${text(bead, 'assignee_id')}, who ${int(bead, 'gone') === 1 ? 'is not there' : 'is retired'}`,
  );
