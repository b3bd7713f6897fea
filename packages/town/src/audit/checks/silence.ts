import { HOME_RUNNER } from '@gastown/protocol';
import { readTown } from '../../config/store.ts';
import { threshold } from '../../patrols/settings.ts';
import { int, text } from '../../sql.ts';
import { finding, type Check } from './check.ts';

/**
 * I10, PT-3, PT-4: an agent that works is heard of, or somebody does something about its silence. Whoever could be heard of and was not for longer than any step of
 * the ladder takes, and an hour, is not working, whatever its bead says; the rows alone say of whom nothing can be expected (PT-5). Written a second time, from the
 * requirements and not from the code that watches.
 */
const STEPS = ['silenceNudgeMs', 'silenceWarnMs', 'silenceEscalateMs', 'silenceStopMs'] as const;
const LATE_MS = 3_600_000;

const SILENT = `SELECT r.id, r.bead_id, max(r.last_activity_at, coalesce(r.prodded_at, 0)) AS since FROM runs r
  JOIN links l ON l.runner_id = r.runner_id AND l.connected = 1 AND l.draining_at IS NULL
  WHERE r.state <> 'ended' AND r.bead_id IS NOT NULL AND r.session_id IS NOT NULL AND r.last_activity_at < ?1 AND coalesce(r.prodded_at, 0) < ?1
    AND (r.runner_id <> '${HOME_RUNNER}' OR EXISTS (SELECT 1 FROM container WHERE state = 'running'))
    AND NOT EXISTS (SELECT 1 FROM permissions p WHERE p.answered_at IS NULL AND p.run_id = r.id)
    AND NOT EXISTS (SELECT 1 FROM escalations e WHERE e.bead_id = r.bead_id AND e.closed_at IS NULL AND e.agent_id = r.agent_id
      AND e.category IN ('decision', 'help', 'blocked', 'emergency'))`;

export const silenceCheck: Check = {
  tables: ['runs', 'links', 'container', 'permissions', 'escalations', 'town'],
  open: () => (sql, now) => {
    const town = readTown(sql);
    if (!town || town.paused || town.deletedAt !== null) return [];
    const longest = Math.max(...STEPS.map((step) => threshold(sql, step)));
    return sql.all(SILENT, now - longest - LATE_MS).map((run) => {
      const minutes = Math.round((now - int(run, 'since')) / 60_000);
      return finding(
        'I10',
        `${text(run, 'bead_id')} says that an agent works on it; ${text(run, 'id')} is silent for ${minutes} minutes, and nobody asks`,
      );
    });
  },
};
