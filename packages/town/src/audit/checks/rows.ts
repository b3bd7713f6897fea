import { allAgents } from '../../agents/store.ts';
import type { Sql } from '../../api.ts';
import { allBeads, allIssues } from '../../beads/store.ts';
import { allOpenEscalations, newestEscalations } from '../../escalations/store.ts';
import { newestEvents } from '../../ledger/store.ts';
import { newestMerges } from '../../merges/store.ts';
import { newestNudges } from '../../messages/store.ts';
import { allEffects } from '../../outbox/store.ts';
import { allRigs } from '../../rigs/store.ts';
import { liveRuns, newestRuns } from '../../runs/store.ts';
import { finding, type Check } from './check.ts';

/** DM-15: rows that nothing here can read are skipped by the town; here they are named. */
export const rowsCheck: Check = {
  tables: [],
  whole: true,
  open: () => (sql) => {
    const found = new Set<string>();
    const listening: Sql = { ...sql, unreadable: (message) => void found.add(message) };
    for (const read of [allBeads, allIssues, allAgents, allRigs, allEffects, allOpenEscalations, liveRuns]) read(listening);
    for (const read of [newestRuns, newestMerges, newestNudges, newestEscalations, newestEvents]) read(listening, Number.MAX_SAFE_INTEGER);
    return [...found].map((message) => finding('DM-15', message));
  },
};
