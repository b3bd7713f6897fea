import type { AuditReport, TownInfo } from '@gastown/protocol';

/** What the doctor says of a town in which nothing is wrong. */
const AT = Date.UTC(2026, 10, 26, 12, 0, 0);
export const healthy: AuditReport = {
  town: { id: 'k3v9q0t2m4xa' as TownInfo['id'], name: 'Bench' },
  at: AT,
  rev: 7,
  schema: 5,
  ok: true,
  findings: [],
  left: 0,
  checks: [
    { check: 'I1', promise: 'What was created is there.', found: 0 },
    { check: 'I6', promise: 'Nothing changes silently.', found: 0 },
  ],
  replay: { events: 12, beads: 4, edges: 1, compared: 53, unknown: 0, differences: [], left: 0 },
  dryRun: { steps: [], effects: [], nextWake: null, broken: [] },
  effects: { pending: 0, sent: 1, parked: 0 },
  quarantined: 0,
  needs: { total: 0, first: [] },
  due: [],
  nextWake: null,
  metrics: {
    since: AT,
    commands: { wake: 2, 'bead.create': 1 },
    refused: 1,
    actions: { dispatch: 5, runs: 9 },
    broken: {},
    unreadable: 0,
    quarantined: 0,
    ticks: { count: 3, lastMs: [1, 2, 3], slowestMs: 3.4, slow: 0 },
  },
};
