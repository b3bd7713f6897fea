import { LIMITS } from '@gastown/protocol';
import { finding, type Check } from '../audit/checks/check.ts';
import { int, text } from '../sql.ts';

/** I8: the quarantine of imports is bounded, in lines and in what is kept of each, and each line in it came with an import, into a rig that is there. */
export const badLinesCheck: Check = {
  tables: ['bad_lines', 'rigs'],
  open: () => (sql) => {
    const rows = sql.all(
      `SELECT b.seq, b.import_id, length(b.text) AS characters, i.id IS NOT NULL AS known, b.rig_id, coalesce(r.state, 'removed') AS rig
       FROM bad_lines b LEFT JOIN imports i ON i.id = b.import_id LEFT JOIN rigs r ON r.id = b.rig_id`,
    );
    const wrong = rows.flatMap((row) => [
      ...(int(row, 'characters') > LIMITS.badLineCharacters.value
        ? [finding('I8', `${int(row, 'characters')} characters are kept of a bad line of ${text(row, 'import_id')}`)]
        : []),
      ...(int(row, 'known') === 1 ? [] : [finding('I8', `a bad line is kept of the import ${text(row, 'import_id')}, which is not there`)]),
      ...(text(row, 'rig') === 'removed' ? [finding('I8', `a bad line is kept of the rig ${text(row, 'rig_id')}, which was removed`)] : []),
    ]);
    return rows.length <= LIMITS.badLines.value ? wrong : [...wrong, finding('I8', `${rows.length} bad lines are kept`)];
  },
};
