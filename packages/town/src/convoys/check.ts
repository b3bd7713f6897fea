import { finding, type Check, type Finding } from '../audit/checks/check.ts';
import type { Sql } from '../api.ts';
import { int, text, textOrNull, type Row } from '../sql.ts';

/** I11: landed ⇔ every bead of it is closed, the counts are what a recount says, and edges, beads and convoys name the same members. */
export const convoysCheck: Check = {
  tables: ['convoys', 'beads', 'dependencies'],
  open: () => (sql) => [...sql.all(RECOUNT).flatMap(wrongConvoy), ...members(sql)],
};

const RECOUNT = `SELECT c.id, c.status, c.total, c.closed, c.failed, c.paused, b.status AS bead, c.landed_at,
    (SELECT count(*) FROM beads m WHERE m.convoy_id = c.id) AS n,
    (SELECT count(*) FROM beads m WHERE m.convoy_id = c.id AND m.status = 'closed') AS n_closed,
    (SELECT count(*) FROM beads m WHERE m.convoy_id = c.id AND m.status = 'failed') AS n_failed,
    (SELECT count(*) FROM beads m WHERE m.convoy_id = c.id AND m.convoy_hold IS NOT
      CASE WHEN c.status = 'staged' THEN 'staged' WHEN c.status = 'open' AND c.paused = 1 THEN 'paused' END) AS held_wrong
  FROM convoys c LEFT JOIN beads b ON b.id = c.id`;

function wrongConvoy(row: Row): Finding[] {
  const id = text(row, 'id');
  const status = text(row, 'status');
  const [total, closed] = [int(row, 'n'), int(row, 'n_closed')];
  const complete = total > 0 && closed === total;
  const over = status === 'landed' || status === 'cancelled';
  const said = [
    int(row, 'total') === total && int(row, 'closed') === closed && int(row, 'failed') === int(row, 'n_failed')
      ? null
      : `counts ${int(row, 'closed')} closed and ${int(row, 'failed')} failed of ${int(row, 'total')}, a recount says ${closed} and ${int(row, 'n_failed')} of ${total}`,
    status === 'landed' && !complete ? 'is landed and has beads that are not closed' : null,
    status === 'open' && complete ? 'is open though every bead of it is closed' : null,
    (status === 'landed') === (row['landed_at'] !== null) ? null : `is ${status}, and its time of landing says otherwise`,
    (textOrNull(row, 'bead') === 'closed') === over ? null : `is ${status}, its bead is ${textOrNull(row, 'bead')}`,
    int(row, 'held_wrong') === 0 ? null : `is ${status}, and ${int(row, 'held_wrong')} of its beads are held otherwise`,
  ];
  return said.flatMap((message) => (message ? [finding('I11', `${id} ${message}`)] : []));
}

/** Beads of a convoy that no edge tracks, and edges of convoys whose bead does not know it. */
const STRAY = `SELECT b.id FROM beads b WHERE b.convoy_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM dependencies d WHERE d.bead_id = b.convoy_id AND d.depends_on = b.id AND d.type = 'tracks')
  UNION ALL SELECT d.depends_on FROM convoys c JOIN dependencies d ON d.bead_id = c.id AND d.type = 'tracks'
    LEFT JOIN beads b ON b.id = d.depends_on WHERE b.convoy_id IS NOT d.bead_id`;
const members = (sql: Sql): Finding[] =>
  sql.all(STRAY).map((row) => finding('I11', `${text(row, 'id')} and its convoy do not say the same of each other`));
