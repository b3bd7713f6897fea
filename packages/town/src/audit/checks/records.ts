import { RECORD_KINDS, UNDISPATCHED_KINDS } from '@gastown/protocol';
import { text } from '../../sql.ts';
import { finding, type Check } from './check.ts';

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ');
const RECORDS = quoted(RECORD_KINDS);

/** Of a bead `b`: no agent is sent to what another tool keeps as a record, to what only people close, and to what is not of the type `issue` at all. */
export const NO_WORK = `b.type <> 'issue' OR b.kind IN (${RECORDS}, ${quoted(UNDISPATCHED_KINDS)})`;

/** I12: what is no work has no run, and a record is held as such, so that no rule takes it for work. */
export const recordsCheck: Check = {
  tables: ['beads', 'runs'],
  open: () => (sql) => [
    ...sql
      .all(`SELECT b.id, b.kind FROM beads b WHERE b.type = 'issue' AND b.kind IN (${RECORDS}) AND b.hold IS NULL`)
      .map((bead) => finding('I12', `${text(bead, 'id')} is a record of the kind ${text(bead, 'kind')} and is not held as one`)),
    ...sql
      .all(`SELECT b.id, b.kind FROM beads b WHERE b.hold = 'not_work' AND b.kind NOT IN (${RECORDS})`)
      .map((bead) => finding('I12', `${text(bead, 'id')} is work of the kind ${text(bead, 'kind')} and is held as a record`)),
    ...sql
      .all(`SELECT r.id, r.bead_id, b.type FROM runs r JOIN beads b ON b.id = r.bead_id WHERE b.type <> 'issue'`)
      .map((run) => finding('I12', `${text(run, 'id')} is a run of ${text(run, 'bead_id')}, which is a ${text(run, 'type')} and no work`)),
  ],
};
