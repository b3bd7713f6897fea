import { int, text, textOrNull, type Row } from '../../sql.ts';
import { finding, type Check } from './check.ts';

/**
 * I15, as far as a town sees it (its store knows no other town): what a polecat moved, by the ledger, was the bead of a run of its own, or a part of that to close. Each
 * look is at what is new; of what was there before the first one only the run that closed a part is asked for, since a person may have made it no part any more.
 */
export const isolationCheck: Check = {
  tables: ['bead_events'],
  open() {
    let last: number | null = null;
    return (sql) => {
      const isFirst = last === null;
      const moves = sql.all(OTHERS, last ?? 0);
      const [newest] = sql.all('SELECT max(id) AS id FROM bead_events');
      last = typeof newest?.id === 'number' ? newest.id : 0;
      return moves
        .filter((move) => (isFirst ? move.own : move.part) !== 1 || move.after !== 'closed')
        .map((move) =>
          finding('I15', `${text(move, 'bead_id')} was moved by ${who(move)}, whose bead it is not, in event ${int(move, 'id')}`),
        );
    };
  },
};
const who = (move: Row): string => `${textOrNull(move, 'role') ?? 'an agent who is not there'} ${text(move, 'actor')}`;

/** Moves of work by agents who never had it; the Mayor acts for people, on any bead (ST-14). */
const OTHERS = `SELECT e.id, e.bead_id, e.actor, e.after, a.role,
    EXISTS (SELECT 1 FROM runs r WHERE r.agent_id = e.actor AND r.id = CASE WHEN json_valid(e.data) THEN json_extract(e.data, '$.runId') END) AS own,
    EXISTS (SELECT 1 FROM dependencies d JOIN runs r ON r.bead_id = d.depends_on AND r.bead_id IS NOT NULL
      WHERE d.bead_id = e.bead_id AND d.type = 'parent-child' AND r.agent_id = e.actor) AS part
  FROM bead_events e JOIN beads b ON b.id = e.bead_id AND b.type = 'issue' LEFT JOIN agents a ON a.id = e.actor
  WHERE e.id > ? AND e.actor_kind = 'agent' AND e.after IS NOT NULL AND a.role IS NOT 'mayor'
    AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.bead_id = e.bead_id AND r.bead_id IS NOT NULL AND r.agent_id = e.actor)`;
