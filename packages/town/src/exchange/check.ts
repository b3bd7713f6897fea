import { LIMITS } from '@gastown/protocol';
import { finding, type Check } from '../audit/checks/check.ts';
import { int, text } from '../sql.ts';

/** I8: the quarantine of imports is bounded, in lines and in what is kept of each, and each line in it came with an import. */
export const badLinesCheck: Check = {
  tables: ['bad_lines'],
  open: () => (sql) => {
    const rows = sql.all(
      `SELECT b.seq, b.import_id, length(b.text) AS characters, i.id IS NOT NULL AS known
       FROM bad_lines b LEFT JOIN imports i ON i.id = b.import_id`,
    );
    const wrong = rows.flatMap((row) => [
      ...(int(row, 'characters') > LIMITS.badLineCharacters.value
        ? [finding('I8', `${int(row, 'characters')} characters are kept of a bad line of ${text(row, 'import_id')}`)]
        : []),
      ...(int(row, 'known') === 1 ? [] : [finding('I8', `a bad line is kept of the import ${text(row, 'import_id')}, which is not there`)]),
    ]);
    return rows.length <= LIMITS.badLines.value ? wrong : [...wrong, finding('I8', `${rows.length} bad lines are kept`)];
  },
};
