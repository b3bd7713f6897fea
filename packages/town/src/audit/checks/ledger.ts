import { BeadStatus, BeadType } from '@gastown/protocol';
import { int, text, textOrNull, type Row } from '../../sql.ts';
import { BEAD_MOVES, mayMove } from '../../transitions.ts';
import { finding, type Check, type Finding } from './check.ts';

/**
 * The ledger against the table: what was created is there (I1), replaying the events gives the statuses (I6), and what the town did by itself is a
 * legal move (I7). The ledger only grows, so each look reads what is new.
 */
export const ledgerCheck: Check = {
  tables: ['bead_events', 'beads'],
  open() {
    const replayed = new Map<string, string>();
    let last = 0;
    return (sql) => {
      const found: Finding[] = [];
      const beads = new Map(sql.all('SELECT id, type, status FROM beads').map((row) => [text(row, 'id'), row]));
      const news = sql.all(
        `SELECT id, bead_id, actor_kind, before, after, CASE WHEN json_valid(data) THEN json_extract(data, '$.byHand') END AS by_hand FROM bead_events
         WHERE id > ? AND bead_id IS NOT NULL AND after IS NOT NULL ORDER BY id`,
        last,
      );
      for (const event of news) {
        last = int(event, 'id');
        const beadId = text(event, 'bead_id');
        found.push(...breaksOff(event, replayed.get(beadId) ?? null), ...illegal(event, beads.get(beadId)));
        replayed.set(beadId, text(event, 'after'));
      }
      for (const id of replayed.keys()) if (!beads.has(id)) found.push(finding('I1', `${id} was created and is gone`));
      for (const [id, bead] of beads) {
        const status = text(bead, 'status');
        if (replayed.get(id) !== status) found.push(finding('I6', `${id} is ${status}, its ledger says ${replayed.get(id) ?? 'nothing'}`));
      }
      return found;
    };
  },
};

function breaksOff(event: Row, was: string | null): Finding[] {
  const before = textOrNull(event, 'before');
  return before === was
    ? []
    : [finding('I6', `event ${int(event, 'id')} says that ${text(event, 'bead_id')} was ${before}, it was ${was}`)];
}

/** A person did it, or the Mayor at a person's wish (ST-14). */
const byHand = (event: Row): boolean => text(event, 'actor_kind') === 'person' || event.by_hand === 1;
function illegal(event: Row, bead: Row | undefined): Finding[] {
  const before = BeadStatus.safeParse(event.before).data;
  const after = BeadStatus.safeParse(event.after).data;
  const type = BeadType.safeParse(bead?.type).data;
  if (!before || !after || !type || byHand(event) || mayMove(BEAD_MOVES[type], before, after)) return [];
  return [finding('I7', `event ${int(event, 'id')} moved the ${type} ${text(event, 'bead_id')} from ${before} to ${after}`)];
}
