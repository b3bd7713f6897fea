import { allAgents, theMayor } from '../../agents/store.ts';
import type { Sql } from '../../api.ts';
import { allBeads, allIssues } from '../../beads/store.ts';
import { readTown } from '../../config/store.ts';
import { readContainer } from '../../container/store.ts';
import { allOpenEscalations, newestEscalations } from '../../escalations/store.ts';
import { newestEvents } from '../../ledger/store.ts';
import { homeLink } from '../../links/store.ts';
import { newestMerges } from '../../merges/store.ts';
import { newestNudges } from '../../messages/store.ts';
import { allEffects } from '../../outbox/store.ts';
import { openPermissions } from '../../permissions/store.ts';
import { allRigs } from '../../rigs/store.ts';
import { allRunners } from '../../runners/store.ts';
import { readBreaker } from '../../runs/breaker.ts';
import { liveRuns, newestRuns } from '../../runs/store.ts';
import { finding, type Check } from './check.ts';

/** DM-15: rows that nothing here can read are skipped by the town; here they are named. */
export const rowsCheck: Check = {
  tables: [],
  whole: true,
  open: () => (sql) => {
    const found = new Set<string>();
    const listening: Sql = { ...sql, unreadable: (message) => void found.add(message) };
    for (const read of [allBeads, allIssues, allAgents, allRigs, allEffects, allOpenEscalations, openPermissions, liveRuns, allRunners])
      read(listening);
    for (const read of [newestRuns, newestMerges, newestNudges, newestEscalations, newestEvents]) read(listening, Number.MAX_SAFE_INTEGER);
    for (const [name, read] of SINGLE) {
      try {
        read(sql);
      } catch (error) {
        found.add(`${name}, without which the town can do nothing: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return [...found].map((message) => finding('DM-15', message));
  },
};
/** Rows of which there is one: nothing goes without them, so the town refuses to work rather than skip them. */
const SINGLE = [
  ['town', readTown],
  ['link', homeLink],
  ['container', readContainer],
  ['breaker', readBreaker],
  ['Mayor', theMayor],
] as const;
