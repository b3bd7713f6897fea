import { LIMITS } from '@gastown/protocol';
import { isToCome } from '../../over.ts';
import { int, intOrNull, text, textOrNull, type Row } from '../../sql.ts';
import { finding, type Check, type Finding } from './check.ts';

const LIVE = `SELECT r.id, r.agent_id, r.bead_id, r.state, r.done_at, r.generation, r.lease_until, b.status, b.assignee_id,
    (SELECT max(o.generation) FROM runs o WHERE o.bead_id = r.bead_id AND o.bead_id IS NOT NULL) AS newest
  FROM runs r LEFT JOIN beads b ON b.id = r.bead_id WHERE r.state <> 'ended'`;

/** I2: one live run a bead and an agent, the newest of its bead, at work on what its bead says. A run that has ended stays so. */
export const holdersCheck: Check = {
  tables: ['runs', 'beads'],
  open() {
    const over = new Set<string>();
    let live = new Set<string>();
    return (sql) => {
      const runs = sql.all(LIVE);
      const now = new Set(runs.map((run) => text(run, 'id')));
      for (const id of live) if (!now.has(id)) over.add(id);
      live = now;
      const back = [...live].filter((id) => over.has(id)).map((id) => finding('I2', `${id} had ended and lives again`));
      return [...back, ...twice(runs, 'agent_id'), ...twice(runs, 'bead_id'), ...runs.flatMap(misheld)];
    };
  },
};

function twice(runs: readonly Row[], column: 'agent_id' | 'bead_id'): Finding[] {
  const seen = new Set<string>();
  return runs.flatMap((run) => {
    const holder = textOrNull(run, column);
    if (holder === null) return [];
    const again = seen.has(holder);
    seen.add(holder);
    return again ? [finding('I2', `${holder} has two live runs`)] : [];
  });
}

function misheld(run: Row): Finding[] {
  const beadId = textOrNull(run, 'bead_id');
  if (beadId === null) return [];
  const id = text(run, 'id');
  const status = textOrNull(run, 'status');
  if (status === null) return [finding('I2', `${id} works on a bead that is not there`)];
  if (intOrNull(run, 'newest') !== int(run, 'generation')) return [finding('I2', `${id} lives and is not the newest run of ${beadId}`)];
  if (run.done_at === null && status !== 'in_progress') return [finding('I2', `${id} works on ${beadId}, which is ${status}`)];
  if (status === 'in_progress' && run.assignee_id !== run.agent_id)
    return [finding('I2', `${beadId} is assigned to another agent than works on it`)];
  return [];
}

/**
 * I3: a live run of a bead is watched by a lease of at most `leaseMs`, by its start effect, by the message that is on its way to it; or, while it waits for a
 * person, by the link to its runner.
 */
export const orphansCheck: Check = {
  tables: ['runs', 'outbox', 'permissions', 'links'],
  open: () => (sql, now) => {
    const watching = new Set(
      sql.all(`SELECT target FROM outbox WHERE state <> 'parked' AND target LIKE 'run:%'`).map((row) => text(row, 'target')),
    );
    const asking = new Set(sql.all(ASKING).map((run) => text(run, 'id')));
    return sql.all(`SELECT id, bead_id, state, lease_until FROM runs WHERE state <> 'ended'`).flatMap((run) => {
      const id = text(run, 'id');
      const lease = intOrNull(run, 'lease_until');
      if (lease !== null && isToCome(lease - LIMITS.leaseMs.value, now)) return [finding('I3', `${id} has a lease that ends too late`)];
      const quietMayor = run.state === 'idle' && run.bead_id === null;
      if (lease !== null || quietMayor || asking.has(id) || watching.has(`run:${id}`)) return [];
      return [finding('I3', `${id} is ${text(run, 'state')} and nobody would notice its loss`)];
    });
  },
};
const ASKING = `SELECT r.id FROM permissions p CROSS JOIN runs r ON r.id = p.run_id CROSS JOIN links l ON l.runner_id = r.runner_id AND l.instance = r.instance AND l.connected = 1
  WHERE p.answered_at IS NULL`;
