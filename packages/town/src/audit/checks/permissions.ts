import { LIMITS } from '@gastown/protocol';
import { readTown } from '../../config/store.ts';
import { openPermissions } from '../../permissions/store.ts';
import { int, text, textOrNull } from '../../sql.ts';
import { beadRows } from '../../sync/beads.ts';
import { finding, type Check } from './check.ts';

const OPEN = `SELECT p.id, p.run_id, p.request_id, p.bead_id, p.until, r.state FROM permissions p LEFT JOIN runs r ON r.id = p.run_id
  WHERE p.answered_at IS NULL`;
const TWICE = 'SELECT run_id, request_id FROM permissions GROUP BY run_id, request_id HAVING count(*) > 1';
/** How late the town may wake. */
const LATE_MS = 3_600_000;

/**
 * I19: a question for permission exists once for each request of a run, is open only while its run is in a turn, and not for ever; its bead says so. What was
 * answered stays answered.
 */
export const permissionsCheck: Check = {
  tables: ['permissions', 'runs'],
  open() {
    const over = new Set<string>();
    let open = new Set<string>();
    return (sql, now) => {
      if (readTown(sql)?.deletedAt !== null) return [];
      const asked = sql.all(OPEN);
      const ids = new Set(asked.map((one) => text(one, 'id')));
      for (const id of open) if (!ids.has(id)) over.add(id);
      open = ids;
      const back = [...ids].filter((id) => over.has(id)).map((id) => finding('I19', `${id} was over and is open again`));
      const twice = sql.all(TWICE).map((one) => finding('I19', `${text(one, 'request_id')} of ${text(one, 'run_id')} is asked twice`));
      const many = [...Map.groupBy(asked, (one) => text(one, 'run_id'))]
        .filter(([, all]) => all.length > LIMITS.openPermissions.value)
        .map(([run, all]) => finding('I19', `${run} has ${all.length} questions open`));
      const wrong = asked.flatMap((one) => {
        const id = text(one, 'id');
        const state = textOrNull(one, 'state') ?? 'gone';
        if (state !== 'working') return [finding('I19', `${id} is open, and its run is ${state}`)];
        return int(one, 'until') < now - LATE_MS ? [finding('I19', `${id} should have been denied long ago`)] : [];
      });
      return [...back, ...twice, ...many, ...wrong, ...unsaid(sql)];
    };
  },
};

/** The bead of who asks shows the question. */
function unsaid(sql: Parameters<ReturnType<Check['open']>>[0]) {
  const ids = [...new Set(openPermissions(sql).flatMap((one) => one.beadId ?? []))];
  return (ids.length === 0 ? [] : beadRows(sql, ids)).flatMap((bead) =>
    bead.status === 'in_progress' && bead.wait?.code !== 'permission_asked'
      ? [finding('I19', `${bead.id} does not say that its agent asks a person`)]
      : [],
  );
}
